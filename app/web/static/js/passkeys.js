// Passkeys: asks the desk what to ask the device for, the device for its answer, and brings that back.
const BINARY = new Set(["challenge", "id", "rawId", "userHandle", "attestationObject", "clientDataJSON", "authenticatorData", "signature"]);

function bytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function asked({ challenge, user, allowCredentials = [], excludeCredentials = [], ...rest }) {
  const known = (list) => list.map((one) => ({ ...one, id: bytes(one.id) }));
  const owner = user ? { user: { ...user, id: bytes(user.id) } } : {};
  return {
    ...rest, ...owner, challenge: bytes(challenge),
    allowCredentials: known(allowCredentials), excludeCredentials: known(excludeCredentials),
  };
}

function answered(credential) {
  const response = {};
  for (const name of BINARY) if (credential.response[name]) response[name] = text(credential.response[name]);
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response, clientExtensionResults: {} };
}

async function post(url, token, body) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body), credentials: "same-origin" });
  const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
  const said = isJson ? await answer.json() : {};
  if (!answer.ok) throw new Error(said.message ?? "", { cause: "desk" });
  return said;
}

async function run(place, ask, more = () => ({})) {
  const { options, send, token, givenUp } = place.dataset;
  const fault = place.closest("[data-needs-passkeys]").querySelector("[data-passkey-fault]");
  fault.textContent = "";
  try {
    const credential = await ask(asked(await post(options, token, {})));
    const { next } = await post(send, token, { answer: answered(credential), ...more() });
    if (new URL(next, location).pathname === location.pathname) location.reload();
    else location.assign(next);
  } catch (error) {
    fault.textContent = (error.cause === "desk" && error.message) || givenUp;
  }
}

if (window.PublicKeyCredential && window.isSecureContext) {
  for (const part of document.querySelectorAll("[data-needs-passkeys]")) part.hidden = false;
  for (const part of document.querySelectorAll("[data-lacks-passkeys]")) part.hidden = true;
  const button = document.querySelector("[data-passkey-login]");
  button?.addEventListener("click", () => run(button, (publicKey) => navigator.credentials.get({ publicKey })));
  const form = document.querySelector("form[data-passkey-new]");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    run(form, (publicKey) => navigator.credentials.create({ publicKey }), () => ({ name: form.elements.name.value }));
  });
}
