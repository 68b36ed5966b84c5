import { post, make, button, copy } from './page.js';
import { timeOfDay } from './clock.js';

/** One LINE user's phone: chat, rich menu, notifications, and pages in a frame. */
export class Phone {
  static #inFront = null; // the phone that somebody looks at

  #userId;
  #setting;
  #root;
  #chatLength = null; // null until the first look: what is there then is no news
  #unread = 0;
  #menuId = null;
  #frame = null;

  constructor(userId, parent, setting) {
    this.#userId = userId;
    this.#setting = setting;
    this.#root = copy('phone');
    this.#root.dataset.user = userId;
    this.#find('.account strong').textContent = setting.accountName;
    parent.append(this.#root);
    Phone.#inFront ??= this;

    this.#root.addEventListener('focusin', () => this.comeToFront());
    this.#root.addEventListener('pointerdown', () => this.comeToFront());
    this.#find('.say').addEventListener('submit', event => {
      event.preventDefault();
      const input = event.target.elements.text;
      if (input.value) this.#act('say', { text: input.value });
      input.value = '';
    });
    this.#find('.menubar').addEventListener('click', () => this.#foldMenu(!this.#find('.menu').hidden));
    this.#find('.notice button').addEventListener('click', () => this.#close());
    this.#find('.close').addEventListener('click', () => this.#close());
    this.#find('.reload').addEventListener('click', () => { this.#frame.src = this.#frame.src; });
    this.#find('.tab').addEventListener('click', () => this.#openInTab());
  }

  get isInFront() {
    return Phone.#inFront === this;
  }

  show(state) {
    this.#root.setAttribute('aria-label', state.name);
    this.#find('.name').textContent = state.name;
    this.#showFriendship(state);
    this.#showMenu(state.menu);
    const news = state.chat.slice(this.#chatLength ?? 0);
    for (const entry of news) this.#add(entry);
    if (this.#chatLength !== null) this.#notify(news.filter(entry => entry.received));
    this.#chatLength = state.chat.length;
  }

  comeToFront() {
    Phone.#inFront = this;
    this.#readIfSeen();
  }

  /** Closes the page if it is the one that asked for it. */
  closeIfShowing(source) {
    if (this.#frame?.contentWindow === source) this.#close();
  }

  /** Holds the screen under the till's scanner: the coupon code on it, or null. */
  readCode() {
    const target = this.#frame?.contentWindow;
    if (!target || !this.#coopLine) return Promise.resolve(null);
    const { port1, port2 } = new MessageChannel();
    return new Promise(resolve => {
      setTimeout(() => resolve(null), 500); // another page than the coupons' does not answer
      port1.onmessage = ({ data }) => resolve(data);
      target.postMessage('simulator:read-code', this.#coopLine, [port2]);
    });
  }

  #showFriendship({ isFriend, isBlocking }) {
    const friend = this.#find('.friend');
    const follows = isFriend && !isBlocking;
    friend.textContent = follows ? 'ブロックする' : isBlocking ? 'ブロックを解除' : '友だち追加';
    friend.onclick = () => this.#act(follows ? 'block' : 'follow', {});
  }

  /** The picture as it was uploaded; each area can be tapped where its bounds say. */
  #showMenu(menu) {
    if ((menu?.id ?? null) === this.#menuId) return;
    this.#menuId = menu?.id ?? null;
    const place = this.#find('.menu');
    place.dataset.menu = menu?.name ?? '';
    place.replaceChildren();
    this.#find('.menubar').textContent = menu?.title ?? '';
    this.#find('.menubar').hidden = !menu;
    this.#foldMenu(!menu?.selected);
    if (!menu) return;

    const { width, height } = menu.size;
    place.style.aspectRatio = `${width} / ${height}`;
    const picture = new Image();
    picture.alt = '';
    picture.src = `/demo/richmenus/${menu.id}`;
    place.append(picture, ...menu.areas.map(({ bounds, action }) => {
      const area = this.#button(action);
      area.style.left = `${100 * bounds.x / width}%`;
      area.style.top = `${100 * bounds.y / height}%`;
      area.style.width = `${100 * bounds.width / width}%`;
      area.style.height = `${100 * bounds.height / height}%`;
      return area;
    }));
  }

  #foldMenu(folded) {
    this.#find('.menu').hidden = folded;
    this.#find('.menubar').setAttribute('aria-expanded', String(!folded));
  }

  #add({ said, received, at }) {
    const line = make('li', said ? 'said' : 'received');
    const bubble = make('div', `bubble ${received?.kind ?? ''}`);
    if (received?.title) bubble.append(make('strong', '', received.title));
    bubble.append(make('p', '', said ?? received.text));
    if (received?.buttons.length) {
      const buttons = make('div', 'buttons');
      for (const one of received.buttons)
        buttons.append(this.#button({ ...one, displayText: one.says, text: one.data ? null : one.says }));
      bubble.append(buttons);
    }
    const time = timeOfDay(new Date(at));
    line.append(bubble, make('time', '', received ? `${time} ${received.way}` : time));
    const chat = this.#find('.chat');
    chat.firstElementChild.append(line);
    chat.scrollTop = chat.scrollHeight;
  }

  /** As phones do: a banner and a count for what arrives while another phone or a page is in front. */
  #notify(news) {
    if (news.length === 0 || this.#isSeen) return;
    this.#unread += news.length;
    this.#find('.notice p').textContent = `${this.#setting.accountName}: ${news.at(-1).received.notice}`;
    this.#showUnread();
  }

  #readIfSeen() {
    if (!this.#isSeen || this.#unread === 0) return;
    this.#unread = 0;
    this.#showUnread();
  }

  #showUnread() {
    this.#find('.badge').textContent = `未読 ${this.#unread}件`;
    this.#find('.badge').hidden = this.#find('.notice').hidden = this.#unread === 0;
  }

  get #isSeen() {
    return this.isInFront && !this.#frame;
  }

  #button({ label, uri, data, displayText, text }) {
    return button(uri ? 'opens' : 'sends', label, () => {
      if (uri) this.#open(uri);
      else if (data) this.#act('tap', { data, displayText });
      else this.#act('say', { text });
    });
  }

  /** LIFF addresses lead to the simulator's own LIFF, and say who opens them. */
  #addressOf(uri) {
    const address = new URL(uri);
    const isLiff = address.hostname === 'liff.line.me';
    const target = isLiff ? new URL(`/liff${address.pathname}${address.search}`, location.origin) : address;
    const opensCoupons = target.pathname.startsWith('/coupons') && target.origin === this.#coopLine;
    if (opensCoupons || (target.origin === location.origin && target.pathname.startsWith('/liff/')))
      target.searchParams.set('liffUser', this.#userId);
    return target.href;
  }

  get #coopLine() {
    return this.#setting.coopLineUrl ? new URL(this.#setting.coopLineUrl).origin : null;
  }

  #open(uri) {
    if (!/^https?:/.test(uri)) {
      window.open(uri);
      return;
    }
    this.#close();
    this.#frame = document.createElement('iframe');
    this.#frame.name = `line-${this.#userId}`; // the dialog and LIFF read from it whose phone this is
    this.#frame.title = `${this.#find('.name').textContent}のページ`;
    this.#frame.allow = `clipboard-write; screen-wake-lock 'src' ${this.#coopLine ?? ''}`;
    this.#frame.src = this.#addressOf(uri);
    this.#find('.address').textContent = new URL(uri).host;
    this.#find('.page').append(this.#frame);
    this.#find('.page').hidden = false;
  }

  #openInTab() {
    document.cookie = `simulator-line-user=${this.#userId}; path=/; samesite=lax`;
    window.open(this.#frame.src, `line-${this.#userId}-tab`);
    this.#close();
  }

  #close() {
    this.#frame?.remove();
    this.#frame = null;
    this.#find('.page').hidden = true;
    this.#readIfSeen();
  }

  #act(action, body) {
    return post(`/demo/phones/${this.#userId}/${action}`, body);
  }

  #find(selector) {
    return this.#root.querySelector(selector);
  }
}
