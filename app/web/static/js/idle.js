// Warns two minutes before a log-in ends because nobody was there (WCAG 2.2, 2.2.1); any tab's work counts for all.
const dialog = document.getElementById("idle");
const WARNING = 120;
const KEY = "luukku:worked";
const ends = () => Number(localStorage.getItem(KEY)) + Number(dialog.dataset.seconds) * 1000;
const worked = () => localStorage.setItem(KEY, Date.now());

function stay() {
  const body = new FormData();
  body.set("csrf_token", dialog.dataset.token);
  return fetch(dialog.dataset.stay, { method: "POST", body, credentials: "same-origin" }).then((answer) => answer.ok && worked());
}

function look() {
  const left = Math.ceil((ends() - Date.now()) / 1000);
  const warning = Math.min(WARNING, Number(dialog.dataset.seconds) / 2);
  if (left > warning) return dialog.open && dialog.close();
  if (left <= 0) return location.assign(`${dialog.dataset.out}?next=${encodeURIComponent(location.pathname + location.search)}`);
  const rest = dialog.querySelector("[data-rest]");
  rest.textContent = rest.dataset.rest.replace("{}", `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`);
  if (!dialog.open) dialog.showModal();
}

if (dialog) {
  worked();
  document.addEventListener("luukku:draft", worked);
  dialog.querySelector("[data-here]").addEventListener("click", () => stay().then(look));
  dialog.addEventListener("cancel", () => stay());
  setInterval(look, 1000);
}
