// The simulator's clock, which can be moved: the browser's own, and by how much the simulator is ahead of it.
let aheadOfBrowser = 0;

export function setClock(now) {
  aheadOfBrowser = new Date(now) - Date.now();
}

export function now() {
  return new Date(Date.now() + aheadOfBrowser);
}

/** The moment in Japan as 2026-11-22T10:00:00. */
export function inJapan(moment = now()) {
  return new Date(moment.getTime() + 9 * 3600_000).toISOString().slice(0, 19);
}

/** The moment's time of day in Japan, as 10:00. */
export function timeOfDay(moment) {
  return inJapan(moment).slice(11, 16);
}
