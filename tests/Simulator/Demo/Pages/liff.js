// Stands in for LIFF's SDK (https://developers.line.biz/en/reference/liff/). Who looks at the page is told by the
// phone: in the address, in the frame's name, or, after a reload, by what this tab remembers.
(() => {
  const simulator = new URL(document.currentScript.src).origin;
  const memory = 'simulator-liff-user';
  const stale = 'simulator-liff-stale'; // set by tests: LINE takes the stored token no more
  const pattern = /^U[0-9a-f]{32}$/;
  let user = null;
  let context = null;

  function visitor() {
    const address = new URL(location);
    const candidates = [
      address.searchParams.get('liffUser'),
      window.name.replace(/^line-/, ''),
      sessionStorage.getItem(memory),
    ];
    if (address.searchParams.has('liffUser')) {
      address.searchParams.delete('liffUser');
      history.replaceState(history.state, '', address);
    }
    return candidates.find(candidate => candidate && pattern.test(candidate)) ?? null;
  }

  // The till's scanner reads the screen: an EAN-13 that begins with 2, as coupon codes do, however it is grouped.
  function codeOnScreen() {
    for (const [text] of document.body.innerText.matchAll(/(?<!\d)2(?:[\s-]*\d){12}(?!\d)/g)) {
      const digits = text.replace(/\D/g, '');
      if ([...digits].reduce((sum, digit, i) => sum + digit * (i % 2 ? 3 : 1), 0) % 10 === 0) return digits;
    }
    return null;
  }
  window.addEventListener('message', ({ data, origin, ports: [answer] }) => {
    if (data === 'simulator:read-code' && origin === simulator) answer.postMessage(codeOnScreen());
  });

  let settle;
  window.liff = {
    id: null,
    ready: new Promise(resolve => { settle = resolve; }),
    async init({ liffId, withLoginOnExternalBrowser = false }) {
      if (!liffId) throw Object.assign(new Error('liffId is necessary for liff.init()'), { code: 'INVALID_CONFIG' });
      window.liff.id = liffId;
      const refusal = new URL(location).searchParams;
      if (refusal.has('liffOAuth2Error')) throw Object.assign(new Error(refusal.get('error')), { code: 'UNKNOWN' });
      if (sessionStorage.getItem(stale)) throw Object.assign(new Error('IdToken expired.'), { code: 'INVALID_ID_TOKEN' });
      user = visitor();
      if (user) {
        const answer = await fetch(`${simulator}/liff/idtoken?user=${user}`);
        if (answer.ok) {
          context = await answer.json();
          sessionStorage.setItem(memory, user);
        }
      }
      if (!context && withLoginOnExternalBrowser) window.liff.login();
      settle();
    },
    isLoggedIn: () => context !== null,
    isInClient: () => window.parent !== window,
    login({ redirectUri = location.href } = {}) {
      location.href = `${simulator}/liff/login?redirect=${encodeURIComponent(redirectUri)}`;
    },
    logout() {
      context = null;
      sessionStorage.removeItem(memory);
      sessionStorage.removeItem(stale);
    },
    getIDToken: () => context?.idToken ?? null,
    getDecodedIDToken: () => context && { sub: context.userId, name: context.name },
    getProfile: async () => ({ userId: context.userId, displayName: context.name }),
    getFriendship: async () => ({ friendFlag: true }),
    getLanguage: () => 'ja',
    getOS: () => 'web',
    openWindow: ({ url }) => window.open(url, '_blank'),
    closeWindow() {
      if (window.parent === window) window.close();
      else window.parent.postMessage('simulator:close', '*');
    },
  };
})();
