// The palette of commands: a combobox with a listbox (WAI-ARIA Authoring Practices), opened by "." or Ctrl+K.
import { pressKey, offers } from "./keys.js";

const palette = document.getElementById("palette");
const words = document.getElementById("palette-words");
const list = document.getElementById("palette-list");
const none = document.getElementById("palette-none");
const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const options = list ? [...list.children] : [];
let before = null;

const wordsOf = (option) => folded(`${option.firstElementChild.textContent} ${option.dataset.also}`).split(" ");
const fits = (option, asked) => asked.every((word) => wordsOf(option).some((known) => known.startsWith(word)));
const isMeant = (option, asked) => asked.length && asked.every((word) => wordsOf(option).includes(word));
const shown = () => options.filter((option) => !option.hidden);

function choose(option) {
  for (const other of options) other.setAttribute("aria-selected", String(other === option));
  if (option) words.setAttribute("aria-activedescendant", option.id);
  else words.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

function filter() {
  const asked = folded(words.value).split(" ").filter(Boolean);
  for (const option of options) option.hidden = !fits(option, asked) || (option.dataset.press && !offers(option.dataset.press));
  choose(shown().find((option) => isMeant(option, asked)) ?? shown()[0]);
  none.textContent = shown().length ? "" : none.dataset.none;
}

function open() {
  before = document.activeElement;
  words.value = "";
  palette.showModal();
  filter();
}

function run(option) {
  if (!option) return;
  palette.close();
  if (option.dataset.url) location.assign(option.dataset.url);
  else pressKey(option.dataset.press);
}

if (palette) {
  words.addEventListener("input", filter);
  words.addEventListener("keydown", (event) => {
    const all = shown();
    const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const steps = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 };
    if (event.key === "Enter") run(all[at]);
    else if (event.key in steps) choose(all[steps[event.key] % all.length]);
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => run(event.target.closest("[role=option]")));
  palette.addEventListener("close", () => before?.isConnected && before.focus());
  document.addEventListener("keydown", (event) => {
    const isChord = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "k";
    if (!isChord || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("click", (event) => event.target.closest("[data-palette]") && open());
}
