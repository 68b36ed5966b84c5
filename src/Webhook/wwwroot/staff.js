// Passkeys. Everything else on the staff's pages works without a script.
for (const form of document.querySelectorAll('form[data-passkey]')) {
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) continue;
  form.hidden = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    send(form);
  });
}

async function send(form) {
  const button = form.querySelector('button');
  const message = form.querySelector('[data-message]');
  message.textContent = '';
  button.disabled = true;
  try {
    const asked = await fetch(form.dataset.passkey, { method: 'POST', body: new URLSearchParams(new FormData(form)) });
    if (!asked.ok) throw new Error(`${asked.status}`);
    const { options, state } = await asked.json();
    const credential = form.dataset.way === 'create'
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
    form.elements.credential.value = JSON.stringify(credential);
    form.elements.state.value = state;
    form.submit();
  } catch {
    message.textContent = message.dataset.failed; // said no, too late, or not known here
    button.disabled = false;
  }
}
