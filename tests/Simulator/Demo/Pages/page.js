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

/** A new button that never sends the form around it. */
export function button(className, text, act) {
  const made = make('button', className, text);
  made.type = 'button';
  made.addEventListener('click', act);
  return made;
}

/** A copy of what a template holds. */
export function copy(template) {
  return document.getElementById(template).content.firstElementChild.cloneNode(true);
}

/** One cell per text. */
export function fill(row, texts) {
  for (const text of texts) row.insertCell().textContent = text;
}
