// Who looks at the coupon page: signs in by LIFF, LINE's SDK. "LINE is down" is said only when the SDK cannot be loaded or
// LINE cannot be reached; everything else that LIFF reports is about the sign-in itself, and a new one mends it.
const limitMs = 15_000; // then LINE counts as down

const lineIsDown = () => Object.assign(new Error('LINE does not answer'), { lineIsDown: true });
const signInFailed = (cause) => Object.assign(new Error(`LIFF: ${cause.code} ${cause.message}`), { signInFailed: true });

let ready = null; // LIFF's start, once

/**
 * Starts LIFF; fails with `lineIsDown` or `signInFailed`, and may then be called again.
 * @returns {Promise<{refused: boolean}>} refused: LINE took the old sign-in no more, so that there is none now.
 */
export function begin(sdk, liffId) {
  ready ??= within(limitMs, load(sdk).then(() => init(liffId))).catch((error) => { ready = null; throw error; });
  return ready;
}

export const idToken = () => window.liff?.getIDToken();

/**
 * Where the member comes back to. What came with the address of an earlier sign-in stays behind.
 * @param {?string} coupon The campaign of the coupon that was asked for.
 */
export const login = (coupon) => liff.login({
  redirectUri: location.origin + location.pathname + (coupon === null ? '' : `?coupon=${encodeURIComponent(coupon)}`),
});

/**
 * For a token that our server refuses: LIFF keeps an old one as long as the page is open.
 * @returns {boolean} whether the member can sign in here; if not, only opening the page anew brings a new token.
 */
export function forget() {
  if (liff.isInClient()) return false;
  liff.logout();
  return true;
}

async function within(ms, work) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(lineIsDown()), ms); });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function load(sdk) {
  leaveOutRefusal();
  if (window.liff) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    Object.assign(script, { src: sdk, charset: 'utf-8', onload: resolve });
    script.onerror = () => { script.remove(); reject(lineIsDown()); };
    document.head.append(script);
  });
}

/** LINE comes back with `?error=access_denied&liffOAuth2Error=true` when the member declines, and LIFF would fail at it for ever. */
function leaveOutRefusal() {
  const address = new URL(location);
  if (!address.searchParams.has('liffOAuth2Error')) return;
  for (const name of ['error', 'error_description', 'liffOAuth2Error', 'state', 'liffClientId', 'liffRedirectUri'])
    address.searchParams.delete(name);
  history.replaceState(history.state, '', address);
}

/** A stored token that LINE takes no more (revoked, or made at another time than the phone has) is thrown away once. */
async function init(liffId) {
  const start = () => liff.init({ liffId, withLoginOnExternalBrowser: false });
  try {
    await start();
    return { refused: false };
  } catch (error) {
    if (isNetwork(error)) throw lineIsDown();
    console.warn(error.code, error.message);
  }
  clear(liffId);
  try {
    await start();
    return { refused: true };
  } catch (error) {
    throw isNetwork(error) || error.code === 'INIT_FAILED' ? lineIsDown() : signInFailed(error);
  }
}

/** LIFF's own errors have a code; one without comes from fetch. */
const isNetwork = ({ code }) => !code || /^(429|5\d\d)$/.test(code);

/** LIFF may be too unready to do it itself. */
function clear(liffId) {
  try {
    liff.logout();
  } catch {
    for (const key of Object.keys(localStorage)) if (key.startsWith(`LIFF_STORE:${liffId}:`)) localStorage.removeItem(key);
  }
}
