import { Phone } from './phone.js';
import { Till } from './till.js';
import { setClock, now, inJapan, timeOfDay } from './clock.js';
import { post, fill } from './page.js';

const setting = await (await fetch('/demo/setting')).json();
const phones = new Map();
const tills = [];
let instance = null;

const byId = id => document.getElementById(id);
const onClick = (id, act) => byId(id).addEventListener('click', act);

addTill();
onClick('add-till', addTill);
onClick('add-phone', () => post('/demo/phones'));
onClick('redeliver', () => post('/demo/trouble/redeliver'));
onClick('lose-answers', () => post('/demo/trouble/lose-answers'));
onClick('real-time', () => post('/demo/clock/real'));
for (const one of document.querySelectorAll('#clock [data-minutes]'))
  one.addEventListener('click', () => post(`/demo/clock/advance/${one.dataset.minutes}`));
const switches = [...document.querySelectorAll('#trouble input')];
for (const one of switches) one.addEventListener('change', () => post(`/demo/trouble/${one.value}/${one.checked}`));

const [members] = byId('members').tBodies;
for (const member of setting.members) {
  const birth = member.birthDate.replaceAll('-', '');
  fill(members.insertRow(), [member.number, member.phones.replaceAll(';', '、') || '(なし)', birth, member.note]);
}
byId('coopline').hidden = !setting.coopLineUrl;
byId('coopline').href = setting.coopLineUrl ? new URL('/scalar', setting.coopLineUrl).href : '#';

window.addEventListener('message', event => {
  if (event.data !== 'simulator:close') return;
  for (const phone of phones.values()) phone.closeIfShowing(event.source);
});
// A click into a page's frame is seen here only by the focus that goes there.
window.addEventListener('blur', () => {
  const user = document.activeElement?.closest('.phone')?.dataset.user;
  if (user) phones.get(user).comeToFront();
});

const events = new EventSource('/demo/events');
events.addEventListener('message', event => show(JSON.parse(event.data)));
events.addEventListener('error', () => { byId('status').textContent = 'シミュレータにつながりません'; });
setInterval(tick, 1000);

function show(state) {
  if (instance && instance !== state.instance) location.reload();
  instance = state.instance;
  byId('status').textContent = state.ready ? '準備ができました' : 'CoopLineを待っています…';
  for (const one of state.phones) {
    if (!phones.has(one.userId)) phones.set(one.userId, new Phone(one.userId, byId('phones'), setting));
    phones.get(one.userId).show(one);
  }
  for (const one of switches) one.checked = state.trouble.includes(one.value);
  byId('held').textContent = state.heldWebhooks > 0 ? `${state.heldWebhooks}件が待っています` : '';
  byId('calls').replaceChildren(...state.calls.map(callLine));
  setClock(state.clock.now);
  byId('ahead').textContent = ahead(Math.round(state.clock.aheadSeconds / 60));
  tick();
}

function tick() {
  const moment = now();
  for (const time of document.querySelectorAll('.phone .time')) time.textContent = timeOfDay(moment);
  const [date, time] = inJapan(moment).split('T');
  document.querySelector('.date-and-time').textContent = `${date} ${time}`;
}

function ahead(minutes) {
  if (minutes === 0) return '実際の時刻です';
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes % 1440 / 60)];
  const parts = [[days, '日'], [hours, '時間'], [minutes % 60, '分']].filter(([count]) => count > 0);
  return `実際より${parts.map(([count, unit]) => `${count}${unit}`).join('')}進んでいます`;
}

function callLine(call) {
  const line = document.createElement('li');
  const answer = call.dropped ? '切断' : call.status ?? '…';
  line.textContent = `${answer} ${call.method} ${call.path.replace(/U[0-9a-f]{27}/, 'U…')}`;
  line.className = call.dropped || call.status >= 400 ? 'bad' : '';
  return line;
}

function addTill() {
  tills.push(new Till(tills.length + 1, byId('tills'), setting, readCode));
}

/** The code on a phone's screen, of the one in front if it shows one; null when none does. */
async function readCode() {
  const codes = await Promise.all([...phones.values()]
    .sort((a, b) => b.isInFront - a.isInFront)
    .map(phone => phone.readCode()));
  return codes.find(code => code) ?? null;
}
