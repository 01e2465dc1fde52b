// Signing in with a passkey, and adding one: between the authenticator and the server.

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");

const WORDS = {
  NotAllowedError: "It was called off, or took too long.",
  InvalidStateError: "This device has a passkey for you already.",
  NotSupportedError: "This device cannot keep such a passkey.",
  SecurityError: "The browser does not let passkeys be used at this address.",
};

async function post(path, body = {}) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.detail ?? `The server said ${answer.status}.`);
  return said;
}

const described = ({ id, ...more }) => ({ ...more, id: bytes(id) });

async function login() {
  const options = await post("/sign-in/begin");
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: [] };
  const { id, type, response } = await navigator.credentials.get({ publicKey });
  const credential = {
    id,
    rawId: id,
    type,
    response: {
      clientDataJSON: text(response.clientDataJSON),
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: response.userHandle && text(response.userHandle),
    },
  };
  const { to } = await post("/sign-in/finish", { credential });
  location.assign(to);
}

async function register(name) {
  const options = await post("/account/passkey/begin");
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: described(options.user),
    excludeCredentials: options.excludeCredentials.map(described),
  };
  const { id, type, response } = await navigator.credentials.create({ publicKey });
  const credential = {
    id,
    rawId: id,
    type,
    response: {
      clientDataJSON: text(response.clientDataJSON),
      attestationObject: text(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    },
  };
  const { to } = await post("/account/passkey/finish", { credential, name });
  location.assign(to);
}

function act(button) {
  const alert = button.parentElement.querySelector("[role=alert]");
  if (!window.PublicKeyCredential) {
    button.disabled = true;
    alert.textContent = "This browser knows no passkeys at this address.";
    return;
  }
  button.addEventListener("click", async () => {
    button.disabled = true;
    alert.textContent = "";
    try {
      if (button.dataset.passkey === "login") await login();
      else await register(document.querySelector("[data-passkey-name]").value);
    } catch (error) {
      alert.textContent = WORDS[error.name] ?? error.message;
    }
    button.disabled = false;
  });
}

document.querySelectorAll("[data-passkey]").forEach(act);
document.querySelector("[data-passkey-name]")?.addEventListener("keydown", ({ key }) => {
  if (key === "Enter") document.querySelector("[data-passkey=register]").click();
});
