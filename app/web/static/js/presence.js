// Tells that somebody is at the ticket, and whether they write: a soft sign for others, never a lock.
const place = document.querySelector("[data-presence]");
const EVERY = 20000;
const WRITES_FOR = 40000;
let wrote = 0;

function tell(values) {
  const body = new FormData();
  body.set("csrf_token", place.dataset.token);
  body.set("shown", document.querySelector("[data-shown]")?.dataset.shown ?? "");
  for (const [name, value] of Object.entries(values)) body.set(name, value);
  return fetch(place.dataset.presence, { method: "POST", body, credentials: "same-origin", keepalive: true }).catch(() => {});
}

const isWriting = () => Date.now() - wrote < WRITES_FOR;
const here = () => document.hidden || tell(isWriting() ? { writing: "1" } : {});

if (place) {
  document.addEventListener("luukku:draft", () => (wrote = Date.now()));
  document.addEventListener("visibilitychange", () => (document.hidden ? tell({ gone: "1" }) : here()));
  addEventListener("pagehide", () => tell({ gone: "1" }));
  setInterval(here, EVERY);
  here();
}
