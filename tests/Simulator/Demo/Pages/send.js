import { post } from './page.js';

const steps = { friends: '友だちを作っています', linking: '30人の組合員番号を連携しています', approving: '申請と承認をしています' };
const byId = id => document.getElementById(id);
const switches = [...document.querySelectorAll('#trouble input')];

byId('begin').addEventListener('click', async () => {
  await post('/demo/send');
  await look();
});
byId('kill').addEventListener('click', () => post('/demo/kill').catch(() => {})); // nobody is left to answer

// What was asked before a plug was pulled, or meanwhile, is old.
let [pulled, underWay] = [0, 0];
for (const one of switches) one.addEventListener('change', async () => {
  pulled++;
  underWay++;
  try {
    await post(`/demo/trouble/${one.value}/${one.checked}`);
  } finally {
    pulled++;
    underWay--;
  }
});

while (true) {
  await look();
  await new Promise(resolve => setTimeout(resolve, 500));
}

async function look() {
  const before = pulled;
  try {
    const now = await (await fetch('/demo/send')).json();
    show(now);
    if (before === pulled && underWay === 0) for (const one of switches) one.checked = now.trouble.includes(one.value);
  } catch {
    say('step', 'プロセスが動いていません。もう一度起動すると、続きを表示します。');
    byId('begin').disabled = byId('kill').disabled = true;
  }
}

function show(now) {
  const message = now.message;
  const goesOn = message && !['done', 'stopped', 'needsPerson', 'cancelled'].includes(message.status);
  byId('begin').disabled = !now.ready || now.step !== '' || goesOn === true;
  byId('kill').disabled = !now.mayBeKilled;
  say('step', now.fault ? `できませんでした: ${now.fault}`
    : now.step === 'friends' ? `${steps.friends}(${now.friends} / ${now.wanted}人)`
    : steps[now.step] ?? (now.ready ? '' : 'CoopLineを待っています…'));
  if (!message) return;

  const others = message.refused + message.parked + Object.values(message.skipped).reduce((sum, one) => sum + one, 0);
  const counts = { planned: message.planned, accepted: message.accepted, waiting: message.waiting, others, received: now.received, twice: now.twice };
  for (const [id, count] of Object.entries(counts)) byId(id).textContent = `${count}人`;
  byId('progress').max = Math.max(message.planned, 1);
  byId('progress').value = now.received;
  say('verdict', verdict(message, now, goesOn));
}

function verdict(message, now, goesOn) {
  if (message.status === 'paused') return 'CoopLineが配信を一時停止しています。';
  if (goesOn) return '送信中です。';
  const equal = message.accepted === now.received ? '=' : '≠';
  const twice = now.twice === 0 ? '2回届いた人はいません。' : `2回以上届いた人が${now.twice}人います。`;
  return `終わりました。受け付け ${message.accepted}人 ${equal} 届いた ${now.received}人。${twice}`;
}

/** Written only when it is something new: screen readers would read it out again. */
function say(id, text) {
  if (byId(id).textContent !== text) byId(id).textContent = text;
}
