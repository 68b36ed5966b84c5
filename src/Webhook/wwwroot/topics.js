// Three switches at the end of the coupon page: which topics of messages arrive.
const section = document.getElementById('topics');
const list = section.querySelector('[data-switches]');

export const words = section.dataset;
export const isOn = (button) => button.getAttribute('aria-checked') === 'true';

/** A switch that is there stays where it is, and so does the focus. */
export function lay({ topics }) {
  for (const { topic, name, on } of topics) {
    const button = list.querySelector(`[value="${topic}"]`) ?? add(topic, name);
    button.setAttribute('aria-checked', on);
    const state = button.querySelector('[data-state-words]');
    state.textContent = on ? state.dataset.on : state.dataset.off;
  }
  say('');
  section.hidden = false;
}

export function say(message) {
  const line = section.querySelector('[data-message]');
  line.textContent = message;
  line.hidden = !message;
}

function add(topic, name) {
  const li = document.getElementById('topic').content.cloneNode(true).firstElementChild;
  const button = li.querySelector('button');
  button.value = topic;
  button.querySelector('[data-name]').textContent = name;
  list.append(li);
  return button;
}
