// Picking tickets in the table: x for the row that has the focus, Shift+x for all from the one picked last.
let last = null;
const boxes = () => [...document.querySelectorAll("[data-pick]")];

function tell() {
  const count = document.querySelector("form[data-picks] [data-count]");
  if (count) count.textContent = boxes().filter((box) => box.checked).length;
}

// Whether there was a box to pick.
export function pick(focused, isRange) {
  const box = focused?.closest?.("tr")?.querySelector("[data-pick]");
  if (!box) return false;
  const all = boxes();
  const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((one, other) => one - other);
  if (isRange && from >= 0) for (const between of all.slice(from, to + 1)) between.checked = true;
  else box.checked = !box.checked;
  last = box;
  tell();
  return true;
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-pick-all]")) return;
  const isOn = boxes().some((box) => !box.checked);
  for (const box of boxes()) box.checked = isOn;
  tell();
});
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-pick]")) return;
  last = event.target;
  tell();
});
