// The link page works without this. With it the time left counts down, one press sends the form once, and what has to be
// corrected is read out.
const timer = document.querySelector('[data-deadline]');
const left = timer.querySelector('[data-left]');
const spoken = document.querySelector('[data-spoken]');
const over = document.querySelector('[data-over]');
const form = document.querySelector('form');
const button = form.querySelector('button');
const warnAt = 120;
const answerLimitMs = 20_000; // a press that the browser gave up must not be the last

// The server's clock decides; the phone's may be wrong.
const ahead = Number(timer.dataset.now) - Date.now();
const deadline = Number(timer.dataset.deadline);
let before = Infinity;

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

const ticking = setInterval(tick, 1000);
tick();
document.querySelector('[data-summary]')?.focus();

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
