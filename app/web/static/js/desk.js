// Everything the desk's pages do in the browser. Without it all of them work by links and forms.
import "./keys.js";
import "./sla-clock.js";
import "./undo-bar.js";
import "./composer.js";
import "./calls.js";
import "./idle.js";
import "./live.js";
import "./mentions.js";
import "./palette.js";
import "./presence.js";

document.documentElement.classList.add("js");
for (const control of document.querySelectorAll("[data-needs-script]")) control.hidden = false;

// A form of one choice shows its button once the choice is another one; nothing is sent by choosing.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-choice]");
  const isOther = (select) => !select.selectedOptions[0]?.defaultSelected;
  form?.classList.toggle("changed", [...form.querySelectorAll("select")].some(isOther));
});

// Ctrl+Enter sends a whole form by its first button, from any of its fields.
document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("form[data-whole]");
  if (!form || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("[data-send]"));
});

// The menu scrolls sideways on narrow screens: browsers leave a half hidden place as it is when it gets the focus.
document.querySelector(".bar nav")?.addEventListener("focusin", (event) => {
  event.target.scrollIntoView({ block: "nearest", inline: "nearest" });
});

// Menus are details: one open at a time, closed by Esc or by a click elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open], details.filter[open], details.me[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// What was done to a ticket can be hidden between what was said; this browser keeps to it.
const quiet = (isOn) => document.documentElement.toggleAttribute("data-quiet", isOn);
const sayQuiet = () => {
  const isOn = document.documentElement.hasAttribute("data-quiet");
  for (const button of document.querySelectorAll("[data-quiets]")) button.setAttribute("aria-pressed", String(isOn));
};
quiet(localStorage.getItem("luukku-quiet") === "on");
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-quiets]")) return;
  localStorage.setItem("luukku-quiet", quiet(!document.documentElement.hasAttribute("data-quiet")) ? "on" : "off");
  sayQuiet();
});
document.addEventListener("luukku:refreshed", sayQuiet);
sayQuiet();

// The row of the open ticket is in sight, and the newest question, or what has just been written.
document.querySelector(".row[aria-current]")?.scrollIntoView({ block: "nearest" });
const timeline = document.querySelector("[data-timeline]");
const asked = timeline?.querySelector("[data-asked]");
if (document.querySelector("[data-done]:not([data-done=''])")) {
  timeline.scrollTop = timeline.scrollHeight;
} else if (asked && !location.hash && timeline.scrollHeight > timeline.clientHeight) {
  timeline.scrollTop = asked.offsetTop - timeline.offsetTop - 8;
}
