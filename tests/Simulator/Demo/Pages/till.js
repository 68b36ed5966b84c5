import { post, make, button, copy } from './page.js';
import { inJapan } from './clock.js';

const yen = amount => `${amount < 0 ? '-' : ''}¥${Math.abs(amount).toLocaleString('ja-JP')}`;
const stickers = [['no', 'なし'], ['yes', 'あり'], ['unknown', '不明']];

const faults = {
  'urn:coopline:another-request': 'このレシート番号は、別の内容で会計済みです。取消か返品をするか、「次のお客様」で新しいレシートにしてください。',
  'urn:coopline:receipt-unknown': 'このレシートで使われたクーポンはありません。',
  400: '送った内容に足りないものか誤りがあります。商品と、13ケタのコードをお確かめください。',
  403: 'この店のレジではありません。',
  429: '混み合っています。少し待って「もう一度送る」を押してください。',
  503: 'いまは返事ができません。「もう一度送る」を押してください。',
  other: '会計できませんでした。「もう一度送る」を押してください。',
};

const takenBack = {
  voided: 'このレシートは取消済みです。クーポンは使われていません。',
  returned: 'クーポンを使った商品は返品済みです。',
  restored: 'クーポンはお客様に戻してあります。',
};

/** A till: a basket, a code, and what a cashier does with them; every answer is printed as a slip. */
export class Till {
  #setting;
  #readCode;
  #root;
  #form;
  #basket;
  #rows = 0;
  #sent = null; // the last request, so that it can be sent again exactly as it was

  constructor(index, parent, setting, readCode) {
    this.#setting = setting;
    this.#readCode = readCode;
    this.#root = copy('till');
    this.#form = this.#find('.sale');
    [this.#basket] = this.#find('table').tBodies;
    this.#root.setAttribute('aria-label', `レジ${index}`);
    this.#find('h2').textContent = `レジ${index}`;
    this.#find('.slips').ariaLabel = `レジ${index}のレシート`;
    this.#form.elements.register.value = String(index + 4).padStart(2, '0');
    for (const { number, name } of setting.stores) this.#form.elements.store.append(new Option(`${number} ${name}`, number));
    for (const product of setting.products)
      this.#find('.products').append(button('', `${product.name} ${yen(product.price)}`, () => this.#put(product)));

    this.#find('.scan').addEventListener('submit', event => {
      event.preventDefault();
      const field = event.target.elements.scan;
      this.#scan(field.value.replace(/\s/g, ''));
      field.value = '';
    });
    this.#find('.from-phone').addEventListener('click', async () => this.#scan(await this.#readCode()));
    this.#form.addEventListener('submit', event => {
      event.preventDefault();
      this.#send(event.submitter?.value ?? 'redemptions', this.#request());
    });
    this.#find('.again').addEventListener('click', () => this.#send('redemptions', this.#sent));
    this.#find('.void').addEventListener('click', () => this.#giveBack('取消', 'void'));
    this.#find('.next').addEventListener('click', () => this.#nextCustomer());
    parent.append(this.#root);
    this.#nextCustomer();
  }

  #nextCustomer() {
    // The time of day numbers the receipts, so that none comes twice although the page remembers nothing.
    const [hours, minutes, seconds] = inJapan(new Date()).slice(11).split(':').map(Number);
    this.#form.elements.number.value = String(hours * 3600 + minutes * 60 + seconds).padStart(6, '0');
    this.#form.elements.code.value = '';
    this.#basket.replaceChildren();
    this.#find('.slips').replaceChildren();
    this.#find('.scanned').textContent = '';
    this.#sent = null;
    this.#find('.again').disabled = this.#find('.void').disabled = true;
  }

  /** What a scanner types: a product's number, or a coupon code, which begins with 2. */
  #scan(digits) {
    const product = this.#setting.products.find(one => one.jan === digits);
    if (product) this.#put(product);
    else if (/^2\d{12}$/.test(digits)) this.#form.elements.code.value = digits;
    this.#find('.scanned').textContent = product ? `${product.name} を読みました`
      : digits === null ? 'コードを表示しているスマホがありません'
      : /^2\d{12}$/.test(digits) ? 'クーポンコードを読みました'
      : `登録のない商品です: ${digits}`;
  }

  #put(product) {
    const row = this.#basket.insertRow();
    row.product = product;
    const name = `sticker-${this.#root.ariaLabel}-${++this.#rows}`;
    const quantity = Object.assign(make('input', 'quantity'), { type: 'number', min: '1', value: '1', required: true });
    const markdown = make('fieldset', 'markdown');
    for (const [value, text] of stickers) {
      const choice = Object.assign(make('input', ''), { type: 'radio', name, value, checked: value === 'no' });
      const label = make('label', '');
      label.append(choice, text);
      markdown.append(label);
    }
    const remove = button('', '×', () => {
      row.remove();
      this.#number();
    });
    for (const content of [product.name, yen(product.price), quantity, markdown, remove]) row.insertCell().append(content);
    this.#number();
  }

  /** Names each row's fields by where it stands. */
  #number() {
    for (const [index, row] of [...this.#basket.rows].entries()) {
      row.querySelector('.quantity').ariaLabel = `${index + 1}行目の数量`;
      row.querySelector('.markdown').ariaLabel = `${index + 1}行目の値引シール`;
      row.querySelector('button').ariaLabel = `${index + 1}行目を消す`;
    }
  }

  #request() {
    const { store, register, number, code } = this.#form.elements;
    const now = inJapan();
    return {
      receipt: { businessDate: now.slice(0, 10), store: store.value, register: register.value, number: number.value },
      purchasedAt: `${now}+09:00`,
      code: code.value.replace(/\s/g, ''),
      lines: [...this.#basket.rows].map((row, index) => ({
        line: index + 1,
        jan: row.product.jan,
        category: row.product.category,
        quantity: Number(row.querySelector('.quantity').value),
        unitPrice: row.product.price,
        markdown: row.querySelector('.markdown :checked').value,
      })),
    };
  }

  async #send(what, body) {
    const answer = await post(`/till/${body.receipt.store}/${what}`, body);
    const result = await Till.#read(answer);
    // A receipt that was decided stays what it was, whatever is sent for it afterwards.
    if (what === 'redemptions' && result.type !== 'urn:coopline:another-request') {
      this.#sent = body;
      this.#find('.again').disabled = false;
      this.#find('.void').disabled = !answer.ok || result.outcome === 'refused';
    }
    this.#print(what === 'evaluations' ? '見積り' : 'お会計', body, answer, result);
  }

  async #giveBack(title, what, body, sale = this.#sent) {
    const { businessDate, store, register, number } = sale.receipt;
    const answer = await post(`/till/${store}/receipts/${businessDate}/${store}/${register}/${number}/${what}`, body);
    this.#print(title, sale, answer, await Till.#read(answer));
  }

  #print(title, sale, answer, result) {
    const { receipt, purchasedAt } = sale;
    const slip = make('article', 'slip');
    slip.ariaLabel = title;
    slip.dataset.status = answer.status;
    slip.dataset.outcome = result.outcome ?? '';
    const store = this.#setting.stores.find(one => one.number === receipt.store);
    slip.append(
      make('p', 'shop', `${this.#setting.accountName} ${store.name}`),
      make('h3', '', answer.ok ? title : `${title}できません`),
      make('p', 'fine', `${purchasedAt.slice(0, 16).replace('T', ' ')} レジ${receipt.register} No.${receipt.number}`));
    if (result.replayed) slip.append(make('p', 'stamp', '再送 前と同じ答えです'));
    if (!answer.ok) this.#printFault(slip, answer.status, result);
    else if (result.discounts) this.#printSale(slip, title, sale, result);
    else this.#printGivenBack(slip, result);
    if (result.traceId) slip.append(make('p', 'fine', `受付番号 ${result.traceId}`));

    const details = document.createElement('details');
    details.append(make('summary', '', '応答そのもの'), make('pre', '', JSON.stringify(result, null, 2)));
    slip.append(details);
    this.#find('.slips').prepend(slip);
  }

  #printSale(slip, title, sale, { outcome, discounts, refusals, warnings = [] }) {
    let total = 0;
    for (const { line, jan, quantity, unitPrice, markdown } of sale.lines) {
      const { name } = this.#setting.products.find(product => product.jan === jan);
      const sticker = markdown === 'no' ? '' : markdown === 'yes' ? ' 値引シール' : ' 値引シール不明';
      total += quantity * unitPrice;
      const own = discounts.filter(discount => discount.line === line);
      const returning = title === 'お会計' && own.length > 0
        ? button('return', '返品', () => this.#giveBack('返品', 'returns', { lines: [line] }, sale)) : null;
      if (returning) returning.ariaLabel = `${line}行目を返品`;
      Till.#row(slip, `${name} ${yen(unitPrice)}×${quantity}${sticker}`, quantity * unitPrice, '', returning);
      for (const { campaign, amount } of own) {
        total -= amount;
        Till.#row(slip, `LINEクーポン ${this.#titleOf(campaign)}`, -amount, 'discount');
      }
    }
    Till.#row(slip, '合計', total, 'total');
    if (takenBack[outcome]) slip.append(make('p', 'refusal', takenBack[outcome]));
    for (const { line } of warnings) slip.append(make('p', 'fine', `${line}行目はクーポンの対象になりません`));
    for (const { campaign, message } of refusals)
      slip.append(make('p', 'refusal', campaign ? `${this.#titleOf(campaign)}: ${message}` : message));
  }

  #printGivenBack(slip, { uses }) {
    for (const { campaign, amount, givenBack } of uses)
      Till.#row(slip, `${this.#titleOf(campaign)} ${givenBack ? 'もう一度使えます' : '戻りません'}`, amount);
    if (uses.length === 0) slip.append(make('p', '', '変わりはありません'));
  }

  /** For the cashier; the answer itself, which is for whoever builds a till, stands below. */
  #printFault(slip, status, { type }) {
    slip.append(make('p', 'refusal', faults[type] ?? faults[status] ?? faults.other));
  }

  #titleOf(campaign) {
    return this.#setting.campaigns[campaign] ?? campaign;
  }

  static async #read(answer) {
    const text = await answer.text();
    try {
      return JSON.parse(text);
    } catch {
      return { title: text };
    }
  }

  static #row(slip, text, amount, className = '', extra = null) {
    const line = make('p', `line ${className}`);
    line.append(make('span', 'what', text), make('span', 'amount', yen(amount)));
    if (extra) line.append(extra);
    slip.append(line);
  }

  #find(selector) {
    return this.#root.querySelector(selector);
  }
}
