import { draftBoxes } from "./drafts.js";

// The composer: modes without leaving the page, suggestions put in, a button that says all it does, nothing typed lost.
const composer = document.querySelector("[data-composer]");
const panels = composer ? [...composer.querySelectorAll("[data-panel]")] : [];
const tabs = composer ? [...composer.querySelectorAll("[data-mode]")] : [];
const key = composer && `luukku:${composer.dataset.composer}:`;
const field = (panel) => panel.querySelector("textarea");

function show(mode) {
  for (const tab of tabs) tab.toggleAttribute("aria-current", tab.dataset.mode === mode);
  for (const panel of panels) panel.hidden = panel.dataset.panel !== mode;
  field(panels.find((panel) => !panel.hidden)).focus();
}

function label(panel) {
  const button = panel.querySelector("[data-send][data-words]");
  if (!button) return;
  const channel = panel.querySelector("select[name=channel]")?.selectedOptions[0];
  const then = panel.querySelector("select[name=then]").selectedOptions[0];
  const words = channel?.dataset.words ?? button.dataset.words;
  button.querySelector("[data-text]").textContent = `${words} ${then.textContent}`;
}

async function insert(button) {
  const reply = panels.find((panel) => panel.dataset.panel === "reply");
  const response = await fetch(button.dataset.insert, { credentials: "same-origin" });
  if (!response.ok) return button.form.requestSubmit(button);
  const text = await response.text();
  const area = field(reply);
  const at = area.selectionEnd;
  const before = area.value.slice(0, at).trimEnd();
  const after = area.value.slice(at).trimStart();
  area.value = [before, text, after].filter(Boolean).join("\n\n");
  const used = Object.assign(document.createElement("input"), { type: "hidden", name: "used", value: button.value });
  button.closest("details.menu")?.removeAttribute("open");
  if (!("isTemplate" in button.dataset) && !reply.querySelector(`input[name=used][value="${CSS.escape(button.value)}"]`)) reply.append(used);
  show("reply");
  const caret = (before ? before.length + 2 : 0) + text.length;
  area.setSelectionRange(caret, caret);
  reply.dispatchEvent(new Event("input"));
}

if (composer) {
  const saveAll = draftBoxes(panels, key, composer.dataset.done);
  // A log-out keeps the drafts on the server and forgets what this browser kept: desks are shared.
  document.querySelector("form[data-logout]")?.addEventListener("submit", async (event) => {
    event.preventDefault();
    await saveAll();
    sessionStorage.clear();
    event.target.submit();
  });
  for (const panel of panels) {
    label(panel);
    panel.addEventListener("change", () => label(panel));
    panel.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      panel.requestSubmit((event.shiftKey && panel.querySelector("[data-next]")) || panel.querySelector("[data-send]"));
    });
  }
  // Going to a fragment moves the focus to the page itself, so this waits until that is done.
  if (location.hash === "#write") addEventListener("load", () => field(panels.find((panel) => !panel.hidden)).focus());
  composer.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-mode]");
    if (!tab || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(tab.dataset.mode);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (!button) return;
    event.preventDefault();
    insert(button);
  });
}
