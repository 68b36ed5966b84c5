import { Phone } from './phone.js';
import { startTill } from './till.js';
import { post, fill } from './page.js';

const setting = await (await fetch('/demo/setting')).json();
const phones = new Map();
let instance = null;

startTill(setting);

const [members] = document.getElementById('members').tBodies;
for (const member of setting.members) {
  const birth = member.birthDate.replaceAll('-', '');
  fill(members.insertRow(), [member.number, member.phones.replaceAll(';', '、') || '(なし)', birth, member.note]);
}

document.getElementById('add-phone').addEventListener('click', () => post('/demo/phones'));
document.getElementById('redeliver').addEventListener('click', () => post('/demo/trouble/redeliver'));
document.getElementById('lose-answers').addEventListener('click', () => post('/demo/trouble/lose-answers'));
const switches = [...document.querySelectorAll('#trouble input')];
for (const one of switches) one.addEventListener('change', () => post(`/demo/trouble/${one.value}/${one.checked}`));

window.addEventListener('message', event => {
  if (event.data !== 'simulator:close') return;
  for (const phone of phones.values()) phone.closeIfShowing(event.source);
});

const events = new EventSource('/demo/events');
events.addEventListener('message', event => show(JSON.parse(event.data)));
events.addEventListener('error', () => { document.getElementById('status').textContent = 'シミュレータにつながりません'; });

function show(state) {
  if (instance && instance !== state.instance) location.reload();
  instance = state.instance;
  document.getElementById('status').textContent = state.ready ? '準備ができました' : 'CoopLineを待っています…';
  for (const one of state.phones) {
    if (!phones.has(one.userId)) phones.set(one.userId, new Phone(one.userId, document.getElementById('phones'), setting));
    phones.get(one.userId).show(one);
  }
  for (const one of switches) one.checked = state.trouble.includes(one.value);
  document.getElementById('held').textContent = state.heldWebhooks > 0 ? ` ${state.heldWebhooks}件が待っています` : '';
  document.getElementById('calls').replaceChildren(...state.calls.map(callLine));
}

function callLine(call) {
  const line = document.createElement('li');
  const answer = call.dropped ? '切断' : call.status ?? '…';
  line.textContent = `${answer} ${call.method} ${call.path.replace(/U[0-9a-f]{27}/, 'U…')}`;
  line.className = call.dropped || call.status >= 400 ? 'bad' : '';
  return line;
}

const coopLine = document.getElementById('coopline');
coopLine.hidden = !setting.coopLineUrl;
coopLine.href = setting.coopLineUrl ? new URL('/scalar', setting.coopLineUrl).href : '#';
