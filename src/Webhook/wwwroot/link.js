// The link page works without this; with it the time left counts down, and one press sends the form once.
const timer = document.querySelector('[data-deadline]');
const left = timer.querySelector('[data-left]');
const over = document.querySelector('[data-over]');
const form = document.querySelector('form');
const button = form.querySelector('button');

// The server's clock decides; the phone's may be wrong.
const ahead = Number(timer.dataset.now) - Date.now();
const deadline = Number(timer.dataset.deadline);

function tick() {
  const seconds = Math.max(0, Math.ceil((deadline - Date.now() - ahead) / 1000));
  left.textContent = left.dataset.format
    .replace('{0}', Math.floor(seconds / 60))
    .replace('{1}', seconds % 60);
  if (seconds > 0) return;
  clearInterval(ticking);
  over.hidden = false;
  form.hidden = true;
  timer.hidden = true;
}

const ticking = setInterval(tick, 1000);
tick();

form.addEventListener('submit', () => { button.disabled = true; });
// Coming back from LINE's dialog shows this page as it was left.
addEventListener('pageshow', () => { button.disabled = false; });
