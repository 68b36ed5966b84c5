import { post, make } from './page.js';

/** One LINE user's phone: chat, rich menu, and pages in a frame. */
export class Phone {
  #userId;
  #setting;
  #root;
  #chatLength = 0;
  #menuName = null;
  #frame = null;

  constructor(userId, parent, setting) {
    this.#userId = userId;
    this.#setting = setting;
    this.#root = document.getElementById('phone').content.firstElementChild.cloneNode(true);
    this.#root.dataset.user = userId;
    parent.append(this.#root);

    this.#find('.say').addEventListener('submit', event => {
      event.preventDefault();
      const input = event.target.elements.text;
      if (input.value) this.#act('say', { text: input.value });
      input.value = '';
    });
    this.#find('.close').addEventListener('click', () => this.#close());
    this.#find('.tab').addEventListener('click', () => this.#openInTab());
  }

  show(state) {
    this.#root.setAttribute('aria-label', state.name);
    this.#find('.name').textContent = state.name;
    this.#showFriendship(state);
    this.#showMenu(state.menu);
    for (const entry of state.chat.slice(this.#chatLength)) this.#add(entry);
    this.#chatLength = state.chat.length;
  }

  /** Closes the page if it is the one that asked for it. */
  closeIfShowing(source) {
    if (this.#frame?.contentWindow === source) this.#close();
  }

  #showFriendship({ isFriend, isBlocking }) {
    const button = this.#find('.friend');
    const follows = isFriend && !isBlocking;
    button.textContent = follows ? 'ブロックする' : isBlocking ? 'ブロックを解除' : '友だち追加';
    button.onclick = () => this.#act(follows ? 'block' : 'follow', {});
  }

  #showMenu(menu) {
    if (menu?.name === this.#menuName) return;
    this.#menuName = menu?.name ?? null;
    const nav = this.#find('.menu');
    nav.dataset.menu = this.#menuName ?? '';
    nav.replaceChildren(...(menu?.actions ?? []).map(action => this.#button(action)));
  }

  #add({ said, received, at }) {
    const line = make('li', said ? 'said' : 'received');
    const bubble = make('div', 'bubble');
    if (received?.title) bubble.append(make('strong', '', received.title));
    bubble.append(make('p', '', said ?? received.text));
    for (const button of received?.buttons ?? [])
      bubble.append(this.#button({ ...button, displayText: button.says, text: button.data ? null : button.says }));
    const time = new Date(at).toLocaleTimeString('ja-JP', { hour: '2-digit', minute: '2-digit', timeZone: 'Asia/Tokyo' });
    line.append(bubble, make('time', '', received ? `${time} ${received.way}` : time));
    const chat = this.#find('.chat');
    chat.append(line);
    chat.scrollTop = chat.scrollHeight;
  }

  #button({ label, uri, data, displayText, text }) {
    const button = make('button', uri ? 'opens' : 'sends', label);
    button.type = 'button';
    button.addEventListener('click', () => {
      if (uri) this.#open(uri);
      else if (data) this.#act('tap', { data, displayText });
      else this.#act('say', { text });
    });
    return button;
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
    this.#frame.allow = 'clipboard-write';
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
  }

  #act(action, body) {
    return post(`/demo/phones/${this.#userId}/${action}`, body);
  }

  #find(selector) {
    return this.#root.querySelector(selector);
  }
}
