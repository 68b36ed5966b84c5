import { post, make } from './page.js';

const yen = amount => `¥${amount.toLocaleString('ja-JP')}`;
const japanNow = () => new Date(Date.now() + 9 * 3600_000).toISOString();

/** The till: a basket, a code, and the five things a cashier does with them. */
export function startTill({ stores, products }) {
  const form = document.getElementById('till-form');
  const basket = document.getElementById('basket');
  const receipt = document.getElementById('receipt');
  const again = document.getElementById('again');
  const voiding = document.getElementById('void');
  let sent = null; // the last request, so that it can be sent again exactly as it was

  for (const { number, name } of stores) form.elements.store.append(new Option(`${number} ${name}`, number));
  for (const product of products) {
    const button = make('button', '', `${product.name} ${yen(product.price)}`);
    button.type = 'button';
    button.addEventListener('click', () => put(product));
    document.getElementById('products').append(button);
  }
  form.addEventListener('submit', event => {
    event.preventDefault();
    send(event.submitter?.value ?? 'redemptions', request());
  });
  again.addEventListener('click', () => send('redemptions', sent));
  voiding.addEventListener('click', () => change('void'));
  document.getElementById('next').addEventListener('click', nextCustomer);
  nextCustomer();

  function nextCustomer() {
    // The time of day numbers the receipts, so that none comes twice although the page remembers nothing.
    const [hours, minutes, seconds] = japanNow().slice(11, 19).split(':').map(Number);
    form.elements.number.value = String(hours * 3600 + minutes * 60 + seconds).padStart(6, '0');
    form.elements.code.value = '';
    basket.replaceChildren();
    receipt.replaceChildren();
    sent = null;
    again.disabled = voiding.disabled = true;
  }

  function put(product) {
    const row = basket.insertRow();
    row.product = product;
    row.insertCell().textContent = product.name;
    row.insertCell().textContent = yen(product.price);
    const quantity = make('input', 'quantity');
    Object.assign(quantity, { type: 'number', min: '1', value: '1', ariaLabel: '数量' });
    row.insertCell().append(quantity);
    const markdown = make('select', 'markdown');
    markdown.ariaLabel = '値引シール';
    markdown.append(new Option('なし', 'no'), new Option('あり', 'yes'), new Option('不明', 'unknown'));
    row.insertCell().append(markdown);
    const remove = make('button', '', '×');
    remove.type = 'button';
    remove.ariaLabel = '行を消す';
    remove.addEventListener('click', () => row.remove());
    row.insertCell().append(remove);
  }

  function request() {
    const now = japanNow();
    const { store, register, number, code } = form.elements;
    return {
      receipt: { businessDate: now.slice(0, 10), store: store.value, register: register.value, number: number.value },
      purchasedAt: `${now.slice(0, 19)}+09:00`,
      code: code.value.replace(/\s/g, ''),
      lines: [...basket.rows].map((row, index) => ({
        line: index + 1,
        jan: row.product.jan,
        category: row.product.category,
        quantity: Number(row.querySelector('.quantity').value),
        unitPrice: row.product.price,
        markdown: row.querySelector('.markdown').value,
      })),
    };
  }

  async function send(what, body) {
    const answer = await post(`/till/${body.receipt.store}/${what}`, body);
    if (what === 'redemptions') {
      sent = body;
      again.disabled = false;
      voiding.disabled = !answer.ok;
    }
    show(what === 'evaluations' ? '見積り' : 'お会計', body, answer, what === 'redemptions');
  }

  async function change(what, body) {
    const { businessDate, store, register, number } = sent.receipt;
    const answer = await post(`/till/${store}/receipts/${businessDate}/${store}/${register}/${number}/${what}`, body);
    show(what === 'void' ? '取消' : '返品', null, answer, false);
  }

  async function show(title, body, answer, returnable) {
    const text = await answer.text();
    let result = null;
    try {
      result = JSON.parse(text);
    } catch {
      result = { title: text || `応答 ${answer.status}` };
    }
    receipt.replaceChildren(make('h3', '', answer.ok ? title : `${title}できません (${answer.status})`));
    receipt.dataset.status = answer.status;
    receipt.dataset.outcome = result.outcome ?? '';
    if (answer.ok) showDecision(body, result, returnable);
    else receipt.append(make('p', 'refusal', [result.title, result.detail].filter(Boolean).join(' ')));
    const details = document.createElement('details');
    details.append(make('summary', '', '応答そのもの'), make('pre', '', JSON.stringify(result, null, 2)));
    receipt.append(details);
  }

  function showDecision(body, result, returnable) {
    if (result.replayed) receipt.append(make('p', 'replayed', '前と同じ答えです(再送)'));
    let total = 0;
    for (const line of body?.lines ?? []) {
      const { name } = products.find(product => product.jan === line.jan);
      const price = line.quantity * line.unitPrice;
      total += price;
      const returning = returnable && (result.discounts ?? []).some(discount => discount.line === line.line)
        ? () => change('returns', { lines: [line.line] }) : null;
      row(`${name} × ${line.quantity}`, price, '', returning);
      for (const discount of (result.discounts ?? []).filter(one => one.line === line.line)) {
        total -= discount.amount;
        row(`LINEクーポン ${discount.campaign}`, -discount.amount, 'discount');
      }
    }
    if (body) row('合計', total, 'total');
    for (const refusal of result.refusals ?? [])
      receipt.append(make('p', 'refusal', `${refusal.message ?? ''} [${[refusal.campaign, refusal.reason].filter(Boolean).join(' ')}]`));
    for (const use of body ? [] : result.uses ?? [])
      row(`LINEクーポン ${use.campaign}:${use.givenBack ? 'もう一度使えます' : '戻りません'}`, use.amount);
    if (!body && !result.uses?.length) receipt.append(make('p', '', '変わりはありません'));
  }

  function row(text, amount, className, returning) {
    const line = make('div', `line ${className}`);
    line.append(make('span', '', text), make('span', 'amount', amount < 0 ? `-${yen(-amount)}` : yen(amount)));
    if (returning) {
      const button = make('button', '', '返品');
      button.addEventListener('click', returning);
      line.append(button);
    }
    receipt.append(line);
  }
}
