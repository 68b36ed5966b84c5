// The pages work without this. With it the panel of what is going on now is replaced as the server sends it.
const live = document.querySelector('[data-live]');
const alarm = document.querySelector('[data-alarm]');
const breathMs = 5_000;

function show(panel) {
  const focused = live.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
  live.innerHTML = panel;
  if (focused) live.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  const alarming = live.querySelector('p.bad')?.textContent ?? '';
  if (alarm.textContent !== alarming) alarm.textContent = alarming; // read out once
}

if (live) {
  const events = new EventSource(live.dataset.live);
  events.addEventListener('message', (event) => show(event.data));
  // A connection that was lost comes again by itself. One that is refused does not: the login is over, for example.
  events.addEventListener('error', () => {
    if (events.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), breathMs);
  });
}
