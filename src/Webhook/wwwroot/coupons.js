// The coupon page: sign in by LIFF, list, code, used. The server decides everything; this shows it.
const page = document.getElementById('coupons');
const renewBeforeMs = 20_000;
const part = (state, name) => page.querySelector(`[data-state="${state}"] ${name}`);

let session = null;     // our bearer, given by the server for LIFF's id token
let titles = new Map(); // campaign → title
let chosen = [];        // campaigns of the code on show
let codes = [];         // newest first: { code, expiresAt, ahead }; older ones until they end, as a till may have read one
let ready = null;       // LIFF's start, once
let busy = false;       // a press is being worked on
let polling = false;

const refused = (status, problem) => Object.assign(new Error(`HTTP ${status}`), { status, problem });

function show(state) {
  for (const section of page.querySelectorAll('[data-state]')) section.hidden = section.dataset.state !== state;
  if (state !== 'code') codes = [];
  scrollTo(0, 0);
}

const showing = (state) => !page.querySelector(`[data-state="${state}"]`).hidden;

function item(text) {
  const li = document.createElement('li');
  li.textContent = text;
  return li;
}

// Calls

async function call(path, body) {
  const bearer = session ?? liff.getIDToken();
  if (!bearer) throw refused(401);
  const response = await fetch(path, {
    method: body ? 'POST' : 'GET',
    headers: { Authorization: `Bearer ${bearer}`, ...(body && { 'Content-Type': 'application/json' }) },
    body: body && JSON.stringify(body),
    cache: 'no-store',
  });
  if (response.ok) return response.json();
  if (response.status === 401 && session) {
    session = null; // over: LIFF's id token may still be good
    return call(path, body);
  }
  const problem = response.headers.get('content-type')?.includes('json') ? await response.json() : null;
  throw refused(response.status, problem);
}

function fail(error) {
  if (error.status === 401) return signInAgain();
  if (error.status === 403) return show('notLinked');
  if (error.problem?.detail) part('failed', '[data-message]').textContent = error.problem.detail;
  show('failed');
}

// LIFF keeps an old id token as long as the page is open; only signing in again brings a new one.
function signInAgain() {
  if (liff.isInClient()) return show('reopen');
  liff.logout();
  show('login');
}

// One press, one call.
async function once(work) {
  if (busy) return;
  busy = true;
  for (const button of page.querySelectorAll('button')) button.disabled = true;
  try {
    await work();
  } catch (error) {
    fail(error);
  } finally {
    busy = false;
    for (const button of page.querySelectorAll('button')) button.disabled = false;
  }
}

// States

async function start() {
  show('loading');
  ready ??= liff.init({ liffId: page.dataset.liffId, withLoginOnExternalBrowser: false });
  await ready.catch((error) => { ready = null; throw error; });
  if (!liff.isLoggedIn()) return show('login');
  await list();
}

async function list() {
  const coupons = await call('/coupons/available');
  session = coupons.session ?? session;
  if (!coupons.linked) return show('notLinked');

  titles = new Map([...coupons.usable, ...coupons.used].map(({ campaign, title }) => [campaign, title]));
  part('list', '[data-usable]').replaceChildren(...coupons.usable.map(usable));
  part('list', '[data-used]').replaceChildren(...coupons.used.map(({ title, text }) => item(`${title} ${text}`)));
  for (const element of page.querySelectorAll('[data-state="list"] [data-if]')) {
    element.hidden = {
      usable: coupons.usable.length === 0,
      nothing: coupons.usable.length > 0,
      used: coupons.used.length === 0,
    }[element.dataset.if];
  }
  say('');
  show('list');
}

function usable(coupon) {
  const li = document.getElementById('usable').content.cloneNode(true).firstElementChild;
  li.querySelector('input').value = coupon.campaign;
  li.querySelector('[data-title]').textContent = coupon.title;
  li.querySelector('[data-discount]').textContent = coupon.discount.text;
  li.querySelector('[data-description]').textContent = coupon.description ?? '';
  li.querySelector('[data-conditions]').replaceChildren(...coupon.conditions.map(item));
  return li;
}

function say(message) {
  part('list', '[data-message]').textContent = message;
}

async function use(form) {
  const ticked = new FormData(form).getAll('campaign');
  const words = part('list', '[data-message]').dataset;
  if (ticked.length === 0) return say(words.choose);
  if (ticked.length > Number(page.dataset.campaignsLimit)) return say(words.tooMany);
  chosen = ticked;
  try {
    await renew();
  } catch (error) {
    if (error.status === 401 || error.status === 403) throw error;
    if (error.status === 409) await list(); // what can be used has changed
    const why = error.problem?.refusals?.map((no) => `${titles.get(no.campaign) ?? ''} ${no.message}`);
    return say(why?.join(' ') || error.problem?.detail || words.failed);
  }
  part('code', '[data-chosen]').replaceChildren(...chosen.map((campaign) => item(titles.get(campaign))));
  show('code');
  tick();
}

async function renew() {
  const issued = await call('/coupons/codes', { campaigns: chosen });
  codes = [{
    code: issued.code,
    expiresAt: Date.parse(issued.expiresAt),
    ahead: Date.parse(issued.now) - Date.now(),
  }, ...codes];
}

const leftMs = ({ expiresAt, ahead }) => expiresAt - Date.now() - ahead;

// Once a second while a code is on show: never a dead code, a new one in time, and what the till did.
async function tick() {
  if (!showing('code')) return;
  codes = codes.filter((code, age) => age === 0 || leftMs(code) > 0);
  const alive = codes.length > 0 && leftMs(codes[0]) > 0;
  part('code', '[data-if="alive"]').hidden = !alive;
  part('code', '[data-if="gone"]').hidden = alive;
  part('code', '[data-digits]').textContent = alive ? codes[0].code.replace(/^(.)(.{6})(.{6})$/, '$1 $2 $3') : '';
  if (alive) countDown(leftMs(codes[0]));
  if (document.hidden || busy || polling) return;

  polling = true;
  try {
    for (const { code } of codes) {
      const progress = await call(`/coupons/codes/${code}`);
      if (!showing('code')) return;
      if (progress.discounts.length > 0) return done(progress.discounts);
    }
    if (leftMs(codes[0]) < renewBeforeMs) await renew();
  } catch (error) {
    // A phone in a shop loses its signal: the code stays until it ends, and the next second tries again.
    if ([401, 403, 409].includes(error.status) && showing('code')) fail(error);
  } finally {
    polling = false;
  }
}

function countDown(ms) {
  const seconds = Math.ceil(ms / 1000);
  const left = part('code', '[data-left]');
  left.textContent = left.dataset.format.replace('{0}', Math.floor(seconds / 60)).replace('{1}', seconds % 60);
}

function done(discounts) {
  const saved = part('used', '[data-saved]');
  const total = part('used', '[data-total]');
  const words = (element, yen) => element.dataset.format.replace('{0}', yen);
  saved.replaceChildren(...discounts.map(({ campaign, amount }) =>
    item(`${titles.get(campaign) ?? ''} ${words(saved, amount)}`)));
  total.textContent = words(total, discounts.reduce((sum, { amount }) => sum + amount, 0));
  show('used');
}

// Presses

const presses = {
  start,
  list,
  renew: async () => { await renew(); tick(); },
  login: () => liff.login({ redirectUri: location.origin + location.pathname }),
  close: () => liff.closeWindow(),
};

page.addEventListener('click', (event) => {
  const press = presses[event.target.closest('[data-do]')?.dataset.do];
  if (press) once(press);
});
part('list', '[data-form]').addEventListener('submit', (event) => {
  event.preventDefault();
  once(() => use(event.target));
});
document.addEventListener('visibilitychange', () => { if (!document.hidden) tick(); });
setInterval(tick, 1000);
once(start);
