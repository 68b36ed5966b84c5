/** Sends JSON and returns the answer, whatever its status. */
export function post(address, body) {
  return fetch(address, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
}

/** A new element with a class and a text. */
export function make(tag, className, text = '') {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

/** One cell per text. */
export function fill(row, texts) {
  for (const text of texts) row.insertCell().textContent = text;
}
