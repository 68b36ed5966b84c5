// The link page works without this. With it the ten minutes start as soon as the page is on a screen, the time left counts
// down, a date is read back, one press sends the form once, and what has to be corrected is read out.
const timer = document.querySelector('[role="timer"]');
const left = timer.querySelector('[data-left]');
const until = timer.querySelector('[data-until]');
const unopened = document.querySelector('[data-unopened]');
const spoken = document.querySelector('[data-spoken]');
const over = document.querySelector('[data-over]');
const form = document.querySelector('form');
const button = form.querySelector('button');
const birthDate = form.elements.birthDate;
const warnAt = 120;
const answerLimitMs = 20_000; // a press that the browser gave up must not be the last
const againMs = 3_000;

// The server's clock decides; the phone's may be wrong.
let ahead = 0;
let deadline = 0;
let before = Infinity;
let ticking;

function tick() {
  const seconds = Math.max(0, Math.ceil((deadline - Date.now() - ahead) / 1000));
  left.textContent = left.dataset.format
    .replace('{0}', Math.floor(seconds / 60))
    .replace('{1}', seconds % 60);
  timer.classList.toggle('soon', seconds <= warnAt);
  // Read out once, not every second.
  if (seconds <= warnAt && before > warnAt) spoken.textContent = spoken.dataset.soon;
  before = seconds;
  if (seconds > 0) return;
  clearInterval(ticking);
  spoken.textContent = '';
  for (const gone of document.querySelectorAll('[data-while-open]')) gone.hidden = true;
  over.hidden = false;
  over.querySelector('h2').focus();
}

function countDown(end, now) {
  deadline = Number(end);
  ahead = Number(now) - Date.now();
  ticking = setInterval(tick, 1000);
  tick();
}

const post = (path, body) => fetch(`${location.pathname.replace(/\/$/, '')}/${path}`, { method: 'POST', body, cache: 'no-store' });

// Only now, and not when the page was asked for: a crawler, a preview or a browser that prepares a page shows it to nobody.
async function opened() {
  if (ticking || document.visibilityState !== 'visible') return;
  try {
    const answer = await post('opened');
    if (answer.status === 404 || answer.status === 410) return location.reload();
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    const { deadline: end, now, until: moment } = await answer.json();
    if (ticking) return;
    until.textContent = until.dataset.format.replace('{0}', moment);
    unopened.hidden = true;
    timer.hidden = false;
    countDown(end, now);
  } catch {
    setTimeout(opened, againMs); // sending the form starts them too
  }
}

if (unopened) {
  document.addEventListener('visibilitychange', opened);
  opened();
} else {
  countDown(timer.dataset.deadline, timer.dataset.now);
}

document.querySelector('[data-summary]')?.focus();

// "S460401" is shown as the date that it means, before it is sent; while it is typed, so that nothing moves when the button is pressed.
const shortestDate = 7;
const read = document.getElementById('birthDate-read');
let readFor = birthDate.value;

async function readBack() {
  const text = birthDate.value;
  if (text === readFor) return;
  readFor = text;
  const answer = await post('birth-date', new URLSearchParams({ birthDate: text })).catch(() => null);
  const words = answer?.ok ? (await answer.json()).text : '';
  if (birthDate.value === text) read.textContent = words;
}

birthDate.addEventListener('input', () => (birthDate.value.length >= shortestDate ? readBack() : undefined));
birthDate.addEventListener('change', readBack);

let sent = false;
form.addEventListener('submit', (event) => {
  if (sent) return event.preventDefault();
  sent = true;
  button.setAttribute('aria-disabled', 'true');
  button.setAttribute('aria-busy', 'true');
  setTimeout(ready, answerLimitMs);
});

function ready() {
  sent = false;
  button.removeAttribute('aria-disabled');
  button.removeAttribute('aria-busy');
}

// Coming back from LINE's dialog shows this page as it was left.
addEventListener('pageshow', ready);
