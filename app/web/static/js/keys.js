// Single keys, only outside fields: each presses the visible control that bears it in data-key.
import { pick } from "./picking.js";

const FIELDS = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

const visible = (element) => element.getClientRects().length > 0;
const rows = () => [...document.querySelectorAll(".row, .row-link")].filter(visible);

function step(by) {
  const all = rows();
  const here = document.activeElement.closest?.(".row, .row-link") ?? document.querySelector(".row[aria-current]");
  const next = all[Math.max(0, Math.min(all.length - 1, all.indexOf(here) + by))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function openMenu(summary) {
  const menu = summary.parentElement;
  menu.open = !menu.open;
  if (menu.open) menu.querySelector(".pop :is(select, input, textarea, button):not([type=hidden])")?.focus();
}

function press(control) {
  if (control.matches("summary")) return openMenu(control);
  if (control.matches(FIELDS) || control.matches("section")) return control.focus();
  control.click();
}

const controlOf = (key) => [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(visible);

// Whether the page offers what a key does, and doing it: for the palette of commands.
export const offers = (key) => Boolean(controlOf(key));
export const pressKey = (key) => press(controlOf(key));

// "g" and a second key within a while goes to a place: the palette knows its address.
let before = "";
function goTo(key) {
  const place = before && document.querySelector(`[data-go="g ${CSS.escape(key)}"]`);
  before = key === "g" ? key : "";
  if (before) setTimeout(() => (before = ""), 1500);
  if (place) location.assign(place.dataset.url);
  return place || before;
}

// Back to the list: to the row of the open ticket, or to the list's own page where it is not beside.
function up() {
  const row = document.querySelector(".row[aria-current]");
  if (row && visible(row)) row.focus();
  else document.querySelector(".tolist")?.click();
}

const areOn = document.documentElement.dataset.keys !== "off";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.matches?.(FIELDS)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (!areOn || document.querySelector("dialog[open]")) return;
  if (goTo(event.key)) return event.preventDefault();
  if (event.key === "j" || event.key === "k") {
    step(event.key === "j" ? 1 : -1);
    return event.preventDefault();
  }
  if (event.key === "u") return up();
  if (event.key === "x" && pick(document.activeElement, false)) return event.preventDefault();
  if (event.key === "X" && pick(document.activeElement, true)) return event.preventDefault();
  if (event.key === "Enter" && document.activeElement !== document.body) return;
  const control = controlOf(event.key);
  if (control) {
    event.preventDefault();
    press(control);
  }
});

// Controls that open something: the sheet of keys, or a folded form.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  const opened = opener && document.getElementById(opener.dataset.opens);
  if (opened instanceof HTMLDialogElement) opened.showModal();
  else if (opened) opened.open = true;
});
const unfold = () => {
  for (const opener of document.querySelectorAll("[data-opens][hidden]")) opener.hidden = false;
};
document.addEventListener("luukku:refreshed", unfold);
unfold();
