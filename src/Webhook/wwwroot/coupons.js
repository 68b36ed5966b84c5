// The coupon page: sign in by LIFF, list, code, used. The server decides everything; this shows it.
const page = document.getElementById('coupons');
const signIn = await import(page.dataset.signIn);
const callLimitMs = 15_000;     // then "try again" is offered
const silenceLimitMs = 25_000;  // the server says something every ten seconds
const renewBeforeMs = 20_000;
const moduleMaxPx = 3;          // a scanner wants bars of a third of a millimetre; more only makes them wide

const part = (state, name) => page.querySelector(`[data-state="${state}"] ${name}`);

let session = null;     // our bearer, given by the server for LIFF's id token
let titles = new Map(); // campaign → title
let offers = [];        // what can be used now
let chosen = [];        // campaigns of the code on show; another list for each choice
let dropped = [];       // those that were chosen too, and why they can no longer be used
let codes = [];         // newest first; older ones until they end, as a till may have read one
let busy = false;       // a press is being worked on
let renewing = false;   // a new code is under way
let resting = 0;        // no new code is asked for before this moment
let light = null;       // keeps the screen on
let place = 0;          // how far the list was scrolled
let laid = '';          // the list on show, as it came
let topicsAsked = 0;    // an answer from before a press is not shown after it
let watching = null;    // the connection that tells when the list has something new

const awake = new Error('The phone has slept.'); // why a connection was given up

const refused = (status, problem) => Object.assign(new Error(`HTTP ${status}`), { status, problem });

// What is shown

function show(state) {
  const section = page.querySelector(`[data-state="${state}"]`);
  if (!section.hidden) return;
  if (showing('list')) place = scrollY;
  for (const other of page.querySelectorAll('[data-state]')) other.hidden = other !== section;
  if (state !== 'code' && state !== 'used') forget();
  keepLight(state === 'code');
  layTopics();
  if (state === 'list') watch();
  else watching?.abort();
  section.querySelector('h2')?.focus({ preventScroll: true });
  scrollTo(0, state === 'list' ? place : 0);
}

const showing = (state) => !page.querySelector(`[data-state="${state}"]`).hidden;

function item(...texts) {
  const li = document.createElement('li');
  for (const [i, text] of texts.entries()) {
    const span = document.createElement(i === 0 && texts.length > 1 ? 'strong' : 'span');
    span.textContent = text;
    li.append(span, ' ');
  }
  return li;
}

function fill(list, items) {
  list.replaceChildren(...items);
}

// Calls

async function send(path, { body, signal, method = body ? 'POST' : 'GET' } = {}) {
  const bearer = session ?? signIn.idToken();
  if (!bearer) throw refused(401);
  const response = await fetch(path, {
    method,
    headers: { Authorization: `Bearer ${bearer}`, ...(body && { 'Content-Type': 'application/json' }) },
    body: body && JSON.stringify(body),
    cache: 'no-store',
    signal: signal ?? timeout(callLimitMs),
  });
  if (response.ok) return response;
  if (response.status === 401 && session) {
    session = null; // over: LIFF's id token may still be good
    return send(path, { body, signal, method });
  }
  const problem = response.headers.get('content-type')?.includes('json') ? await response.json() : null;
  throw refused(response.status, problem);
}

function timeout(ms) {
  const late = new AbortController();
  setTimeout(() => late.abort(), ms);
  return late.signal;
}

const call = async (path, body, method) => (await send(path, { body, method })).json();

/** The member's sentence for what went wrong. */
function sentence(error, words) {
  if (error.lineIsDown) return words.line;
  if (error.signInFailed) return words.signIn;
  if (error.problem?.type?.startsWith('urn:coopline:coupon:')) return error.problem.detail;
  return error.status ? words.server : words.network;
}

function fail(error) {
  console.warn(error.message);
  if (error.status === 401) return signInAgain();
  if (error.status === 403) return show('notLinked');
  part('failed', '[data-message]').textContent =
    sentence(error, page.querySelector('[data-state="failed"]').dataset);
  part('failed', '[data-quote]').hidden = !error.problem?.traceId;
  part('failed', '[data-quote] code').textContent = error.problem?.traceId ?? '';
  show('failed');
}

function signInAgain() {
  show(signIn.forget() ? 'login' : 'reopen');
}

// One press, one call.
async function once(work, button) {
  if (busy) return;
  busy = true;
  const buttons = page.querySelectorAll('button');
  for (const one of buttons) one.setAttribute('aria-disabled', 'true');
  button?.setAttribute('aria-busy', 'true');
  try {
    await work(button);
  } catch (error) {
    fail(error);
  } finally {
    busy = false;
    for (const one of buttons) one.removeAttribute('aria-disabled');
    button?.removeAttribute('aria-busy');
  }
}

// Ticks, for the day and in this browser only

const today = () => new Date().toLocaleDateString('sv', { timeZone: 'Asia/Tokyo' });
const boxes = () => [...page.querySelectorAll('[name="campaign"]')];
const ticked = () => boxes().filter((box) => box.checked).map((box) => box.value);
const limit = Number(page.dataset.campaignsLimit);

function remembered() {
  try {
    const { day, campaigns } = JSON.parse(localStorage.getItem('coopline-ticks'));
    return day === today() ? campaigns : [];
  } catch {
    return []; // nothing there, or a browser that keeps nothing
  }
}

function remember() {
  const campaigns = ticked();
  const line = part('list', '[data-count]');
  line.textContent = campaigns.length > 0 ? line.dataset.format.replace('{0}', campaigns.length) : '';
  try {
    localStorage.setItem('coopline-ticks', JSON.stringify({ day: today(), campaigns }));
  } catch { /* a browser that keeps nothing: the ticks last as long as the page */ }
}

/** Yen off, as on an item of 200 yen: percent and price cannot be compared otherwise. */
const worth = ({ discount: { type, value } }) => ({ yen: value, percent: value * 2, price: 200 - value, buyNGetOne: 200 - value })[type];

/** As many as a code takes, the most yen first; of equals the one that ends first. */
const best = (usable) => [...usable].sort((one, other) => worth(other) - worth(one)).slice(0, limit).map(({ campaign }) => campaign);

// List, code and used are entries of the browser's history.

const at = () => history.state?.at ?? 'list';

function enter(state, more) {
  if (at() !== state) history.pushState({ at: state, ...more }, '');
  else history.replaceState({ at: state, ...more }, '');
}

function goTo({ at: state, campaigns } = {}) {
  if (state === 'code') return use(campaigns);
  if (state === 'used' && part('used', '[data-saved]').children.length > 0) return show('used');
  return list();
}

// Start and list

async function start() {
  show('loading');
  const { refused: oldTokenRefused } = await signIn.begin(page.dataset.liffSdk, page.dataset.liffId);
  for (const button of page.querySelectorAll('[data-do="close"]')) button.hidden = !liff.isInClient(); // a browser's tab closes itself for nobody
  part('login', '[data-refused]').hidden = !oldTokenRefused;
  if (!liff.isLoggedIn()) return show('login');
  await list();
  if (at() === 'code' && showing('list')) await use(history.state.campaigns); // the code's page was loaded anew
}

async function list() {
  const coupons = await call('/coupons/available');
  session = coupons.session ?? session;
  if (!coupons.linked) return show('notLinked');
  layList(coupons);
  say('');
  if (at() === 'used') history.replaceState({ at: 'list' }, '');
  show('list');
  openAt(takeAsked());
}

/** The campaign of the coupon whose button in a message opened the page. */
const asked = () => new URL(location).searchParams.get('coupon');

/** Once: who comes back to the list is where they left it. */
function takeAsked() {
  const campaign = asked();
  if (campaign === null) return null;
  const address = new URL(location);
  address.searchParams.delete('coupon');
  history.replaceState(history.state, '', address);
  return campaign;
}

function openAt(campaign) {
  const box = boxes().find(({ value }) => value === campaign);
  part('list', '[data-not-now]').hidden = campaign === null || box !== undefined;
  const opened = part('list', '[data-opened]');
  opened.textContent = box ? opened.dataset.format.replace('{0}', () => titles.get(campaign)) : '';
  box?.closest('li').scrollIntoView({ block: 'center' });
  box?.focus({ preventScroll: true });
}

function layList(coupons) {
  laid = JSON.stringify({ ...coupons, session: null });
  titles = new Map([...coupons.usable, ...coupons.later, ...coupons.used, ...coupons.ended].map(({ campaign, title }) => [campaign, title]));
  offers = coupons.usable;
  const before = new Set([...remembered(), ...ticked()]);
  fill(part('list', '[data-common]'), coupons.conditions.map((words) => item(words)));
  fill(part('list', '[data-usable]'), sections(coupons.usable));
  for (const box of boxes()) box.checked = before.has(box.value);
  remember();
  fill(part('list', '[data-later]'), coupons.later.map(({ title, text }) => item(title, text)));
  fill(part('list', '[data-used]'), coupons.used.map(({ title, text }) => item(title, text)));
  fill(part('list', '[data-ended]'), coupons.ended.map(({ title, text }) => item(title, text)));
  for (const element of page.querySelectorAll('[data-state="list"] [data-if]')) {
    element.hidden = {
      usable: coupons.usable.length === 0,
      several: coupons.usable.length < 2,
      many: coupons.usable.length <= limit,
      nothing: coupons.usable.length > 0,
      later: coupons.later.length === 0,
      used: coupons.used.length === 0,
      ended: coupons.ended.length === 0,
    }[element.dataset.if];
  }
}

/** What is used up while the list is on show, it says within a second or so. */
async function watch() {
  watching?.abort();
  const connection = watching = new AbortController();
  for (let waitMs = 2_000; ;) {
    try {
      await listen('/coupons/events', connection, () => { waitMs = 2_000; }, (kind) => {
        // Not all pages at the same moment.
        if (kind === 'changed') setTimeout(() => renewList(connection), Math.random() * 400);
      });
    } catch (error) {
      if ([401, 403].includes(error.status)) return; // the next press says so
    }
    await new Promise((resolve) => setTimeout(resolve, waitMs * (.5 + Math.random() / 2)));
    waitMs = Math.min(waitMs * 2, 30_000);
    if (connection !== watching || !showing('list')) return;
  }
}

async function renewList(connection) {
  if (connection !== watching || !showing('list') || busy) return;
  const coupons = await call('/coupons/available').catch(() => null); // without an answer the list stays as it was
  if (!coupons?.linked || connection !== watching || !showing('list') || busy) return;
  if (JSON.stringify({ ...coupons, session: null }) === laid) return;
  const { value } = document.activeElement;
  layList(coupons);
  boxes().find((box) => box.value === value)?.focus({ preventScroll: true });
}

/** Without headings when all would stand under the last one. */
function sections(coupons) {
  const groups = Map.groupBy(coupons, ({ section }) => section.title);
  const inOrder = [...groups].sort(([one, [{ section: { order } }]], [other, [{ section }]]) =>
    order - section.order || one.localeCompare(other, 'ja'));
  return inOrder.flatMap(([title, group]) => {
    const ul = Object.assign(document.createElement('ul'), { className: 'coupons' });
    ul.append(...group.map(usable));
    if (groups.size === 1 && group[0].section.order === 3) return [ul];
    return [Object.assign(document.createElement('h3'), { textContent: title }), ul];
  });
}

function usable(coupon) {
  const li = document.getElementById('usable').content.cloneNode(true).firstElementChild;
  li.querySelector('input').value = coupon.campaign;
  li.querySelector('[data-title]').textContent = coupon.title;
  li.querySelector('[data-discount]').textContent = coupon.discount.text;
  li.querySelector('[data-until]').textContent = coupon.until;
  li.querySelector('[data-scarce]').textContent = coupon.scarce ?? '';
  li.querySelector('[data-scarce]').hidden = !coupon.scarce;
  li.querySelector('[data-of]').textContent = ` ${coupon.title}`;
  li.querySelector('[data-description]').textContent = coupon.description ?? '';
  li.querySelector('[data-description]').hidden = !coupon.description;
  fill(li.querySelector('[data-conditions]'), coupon.conditions.map((words) => item(words)));
  picture(li.querySelector('[data-picture]'), coupon);
  return li;
}

function picture(place, coupon) {
  const drawing = document.getElementById(`picture-${coupon.discount.type}`).content.cloneNode(true);
  if (!coupon.picture) return place.append(drawing);
  const img = Object.assign(new Image(), { src: coupon.picture, alt: '', loading: 'lazy', referrerPolicy: 'no-referrer' });
  img.onerror = () => img.replaceWith(drawing);
  place.append(img);
}

function say(message) {
  const line = part('list', '[data-message]');
  line.textContent = message;
  line.hidden = !message;
  if (message) line.scrollIntoView({ block: 'nearest' });
}

const words = (refusals) => refusals.map(({ campaign, message }) => item(titles.get(campaign) ?? '', message));

async function use(campaigns) {
  const { choose, tooMany, ...trouble } = part('list', '[data-message]').dataset;
  if (campaigns.length === 0) return say(choose);
  if (campaigns.length > limit) return say(tooMany);
  say('');
  chosen = campaigns;
  try {
    await renew();
  } catch (error) {
    if (error.status === 401 || error.status === 403) throw error;
    if (error.status === 409) await list(); // what can be used has changed
    else if (!showing('list')) show('list');
    history.replaceState({ at: 'list' }, '');
    const why = error.problem?.refusals?.map((no) => `${titles.get(no.campaign) ?? ''} ${no.message}`);
    return say(why?.join(' ') || sentence(error, trouble));
  }
  part('code', '[data-returned]').hidden = true;
  enter('code', { campaigns });
  showCode();
}

const listChosen = () => fill(part('code', '[data-chosen]'), chosen.map((campaign) => item(titles.get(campaign))));

function showCode() {
  listChosen();
  show('code');
  tick();
}

// The code

async function renew() {
  const mine = chosen;
  const asked = Date.now(); // a late answer makes the code seem older, never younger
  const issued = await call('/coupons/codes', { campaigns: mine });
  if (chosen !== mine) return; // the member has chosen anew
  const code = {
    ...issued,
    expiresAt: Date.parse(issued.expiresAt),
    ahead: Date.parse(issued.now) - asked,
    discounts: [],
    connection: null,
  };
  codes = [code, ...codes.filter((older) => !older.over)];
  draw(part('code', '[data-barcode]'), issued.barcode, moduleMaxPx);
  draw(part('code', '[data-qr]'), issued.qr, 6);
  part('code', '[data-digits]').textContent = issued.code.replace(/^(.{4})(.{3})(.{3})(.{3})$/, '$1 $2 $3 $4');
  resting = 0;
  quiet(false);
  follow(code);
}

function forget() {
  for (const code of codes) code.connection?.abort();
  [codes, chosen, dropped] = [[], [], []];
}

const leftMs = ({ expiresAt, ahead }) => expiresAt - Date.now() - ahead;

/** Each module is a whole number of the screen's own pixels wide: blurred bars are not read. */
function draw(place, svg, maxPx) {
  const drawing = document.importNode(new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement, true);
  place.replaceChildren(drawing);
  drawing.dataset.maxPx = maxPx;
  fit(drawing);
}

function fit(drawing) {
  const { width, height } = drawing.viewBox.baseVal;
  const ratio = devicePixelRatio || 1;
  const px = Math.max(1, Math.floor(Math.min(document.documentElement.clientWidth / width, drawing.dataset.maxPx) * ratio)) / ratio;
  drawing.setAttribute('width', width * px);
  drawing.setAttribute('height', height * px);
}

// Every second while a code is on show: never a dead code, and a new one in time.
function tick() {
  if (!showing('code')) return;
  const ms = codes.length > 0 ? leftMs(codes[0]) : 0;
  if (ms < renewBeforeMs && !renewing && !document.hidden && Date.now() >= resting) renewInTime();
  layCode(ms > 0 ? 'alive' : renewing ? 'renewing' : 'gone');
  if (ms > 0) countDown(ms);
}

async function renewInTime() {
  renewing = true;
  const mine = chosen;
  try {
    await renew().catch((error) => {
      if (error.status !== 409 || chosen !== mine) throw error;
      return renewWithout(error.problem?.refusals ?? []);
    });
  } catch (error) {
    if (chosen !== mine || !showing('code')) return;
    if ([401, 403].includes(error.status)) fail(error);
    // A phone in a shop loses its signal. As long as the code lives this is tried again; then the member is asked.
    else {
      resting = leftMs(codes[0]) > 3_000 ? Date.now() + 3_000 : Infinity;
      quiet(true);
    }
  } finally {
    renewing = false;
    tick();
  }
}

/** What is refused now may have been used by a code that was on show. What is left of the choice gets a new code. */
async function renewWithout(refusals) {
  const mine = chosen;
  for (const code of [...codes]) {
    const now = await call(`/coupons/codes/${code.code}`);
    if (chosen !== mine) return;
    heard(code, now);
  }
  if (!showing('code')) return;
  const left = chosen.filter((campaign) => !refusals.some((no) => no.campaign === campaign));
  if (left.length === 0 || left.length === chosen.length) return unusable(refusals);
  chosen.splice(0, chosen.length, ...left);
  dropped.push(...refusals);
  listChosen();
  await renew();
}

function renewNow() {
  resting = 0;
  tick();
}

function layCode(what) {
  for (const element of page.querySelectorAll('[data-state="code"] [data-if]')) {
    if (element.dataset.if !== 'refused') element.hidden = element.dataset.if !== what;
  }
}

function countDown(ms) {
  const seconds = Math.ceil(ms / 1000);
  const left = part('code', '[data-left]');
  left.textContent = left.dataset.format.replace('{0}', Math.floor(seconds / 60)).replace('{1}', seconds % 60);
  part('code', '[data-ring]').setAttribute('stroke-dashoffset', 100 - Math.min(100, ms / 3000));
  part('code', '[data-clock]').classList.toggle('soon', ms < renewBeforeMs);
}

function quiet(lost) {
  const line = part('code', '[data-quiet]');
  line.textContent = lost ? line.dataset.words : '';
}

// What the till does with it

/** Listens as long as the code matters. A new connection begins with the state as it is, so that nothing is missed. */
async function follow(code) {
  for (let waitMs = 500; codes.includes(code); waitMs = Math.min(waitMs * 2, 8_000)) {
    const connection = code.connection = new AbortController();
    try {
      await listen(`/coupons/codes/${code.code}/events`, connection, () => { waitMs = 500; quiet(false); }, (kind, data) => {
        if (!codes.includes(code)) return;
        if (kind === 'over') code.over = true;
        else if (kind !== 'still' && data) heard(code, JSON.parse(data));
      });
      if (code.over) return;
    } catch (error) {
      if (!codes.includes(code)) return;
      if ([401, 403, 404].includes(error.status)) return fail(error);
      if (connection.signal.reason === awake) continue;
      quiet(true); // the next round tries again
    }
    await new Promise((resolve) => {
      code.again = resolve;
      setTimeout(resolve, waitMs * (.5 + Math.random() / 2));
    });
  }
}

/** Until the connection ends, or nothing came for too long. */
async function listen(path, connection, connected, heard) {
  let silence = setTimeout(() => connection.abort(), silenceLimitMs);
  try {
    const response = await send(path, { signal: connection.signal });
    connected();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ''; ;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(silence);
      silence = setTimeout(() => connection.abort(), silenceLimitMs);
      const events = (text + value).split('\n\n');
      text = events.pop();
      for (const event of events) {
        const [, kind] = /^event: (.+)$/m.exec(event) ?? [];
        const [, data] = /^data: (.+)$/m.exec(event) ?? [];
        heard(kind, data);
      }
    }
  } finally {
    clearTimeout(silence);
  }
}

function heard(code, { discounts, refusals, expired }) {
  Object.assign(code, { discounts, refusals }, expired && { expiresAt: 0 });
  if (codes.some((one) => one.discounts.length > 0)) return done(code);
  if (showing('used')) return returned();
  if (code !== codes[0]) return;
  const refusedNow = ofChoice(refusals);
  if (refusedNow.length === chosen.length) return unusable(refusedNow);
  refusing(part('code', '[data-if="refused"]'), [...dropped, ...refusedNow]);
}

/** An older code knows coupons that have been dropped since. */
const ofChoice = (refusals) => refusals.filter(({ campaign }) => chosen.includes(campaign));

function refusing(place, refusals) {
  place.hidden = refusals.length === 0;
  fill(place.querySelector('[data-refused]'), words(refusals));
}

function unusable(refusals) {
  if (refusals.some(({ reason }) => reason === 'notLinked')) return show('notLinked');
  fill(part('unusable', '[data-refused]'), words(refusals));
  show('unusable');
}

function done(code) {
  const saved = part('used', '[data-saved]');
  const total = part('used', '[data-total]');
  const discounts = [...new Map(codes.flatMap((one) => one.discounts).map((off) => [off.campaign, off])).values()];
  const yen = (element, amount) => element.dataset.format.replace('{0}', amount.toLocaleString('ja-JP'));
  fill(saved, discounts.map(({ campaign, amount }) => item(titles.get(campaign) ?? '', yen(saved, amount))));
  total.textContent = yen(total, discounts.reduce((sum, { amount }) => sum + amount, 0));
  refusing(part('used', '[data-if="refused"]'), [...dropped, ...ofChoice(code.refusals)]);
  enter('used');
  show('used');
}

/** The receipt was voided: the same coupons can be shown again. */
function returned() {
  part('code', '[data-returned]').hidden = false;
  history.replaceState({ at: 'code', campaigns: chosen }, '');
  showCode();
}

// The screen stays on while a till may read it. Where the phone cannot, or does not want to, it goes off as ever.
async function keepLight(on) {
  if (!on) {
    light?.release();
    light = null;
  } else if (!light || light.released) {
    light = await navigator.wakeLock?.request('screen').catch(() => null);
  }
}

// Topics, below the list and for whoever is not linked

async function layTopics() {
  const mine = ++topicsAsked;
  const section = document.getElementById('topics');
  const belongs = showing('list') || showing('notLinked');
  section.hidden = !belongs || !section.querySelector('button'); // as it was known last: the page is as long as it was
  if (!belongs) return;
  try {
    const topics = await import(page.dataset.topics);
    const now = await call('/coupons/topics');
    if (mine === topicsAsked) topics.lay(now);
  } catch (error) {
    console.warn(error.message); // without them the page is as good
  }
}

async function turnTopic(button) {
  topicsAsked++;
  const topics = await import(page.dataset.topics);
  try {
    topics.lay(await call(`/coupons/topics/${button.value}`, { on: !topics.isOn(button) }, 'PUT'));
  } catch (error) {
    if (error.status === 401) throw error;
    topics.say(sentence(error, topics.words));
  }
}

// Presses

const presses = {
  start,
  list: () => {
    if (at() === 'code') return history.back(); // as the browser's own button: the list is there
    enter('list');
    return list();
  },
  all: () => {
    const taken = best(offers);
    for (const box of boxes()) box.checked = taken.includes(box.value);
    remember();
    return use(taken);
  },
  link: async () => {
    const { address } = await call('/coupons/link', {}).catch((error) => {
      if (error.status === 409) return {}; // linked meanwhile
      throw error;
    });
    if (!address) return list();
    location.assign(address);
  },
  topic: turnTopic,
  login: () => signIn.login(asked()),
  close: () => liff.closeWindow(),
};

page.addEventListener('click', (event) => {
  const button = event.target.closest('[data-do]');
  if (button?.dataset.do === 'renew') {
    part('code', 'h2').focus({ preventScroll: true }); // the button goes away
    return renewNow();
  }
  const press = presses[button?.dataset.do];
  if (press) once(press, button);
});
part('list', '[data-form]').addEventListener('submit', (event) => {
  event.preventDefault();
  once(() => use(new FormData(event.target).getAll('campaign')), event.submitter);
});
part('list', '[data-usable]').addEventListener('change', ({ target }) => {
  const { tooMany } = part('list', '[data-message]').dataset;
  if (ticked().length > limit) {
    target.checked = false;
    return say(tooMany);
  }
  say('');
  remember();
});
history.scrollRestoration = 'manual';
addEventListener('popstate', ({ state }) => once(() => goTo(state ?? {})));
document.addEventListener('visibilitychange', () => {
  if (document.hidden) return;
  renewNow();
  if (showing('code')) keepLight(true);
  // The phone may have slept: what the connections missed comes with new ones.
  for (const code of codes) {
    code.connection?.abort(awake);
    code.again?.();
  }
});
addEventListener('online', renewNow);
addEventListener('resize', () => page.querySelectorAll('[data-max-px]').forEach(fit));
setInterval(tick, 1000);
once(start);
