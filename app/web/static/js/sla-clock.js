// Keeps every clock chip true between two page loads: its words, its icon and its weight.
const words = document.getElementById("clock-words")?.dataset;
const ahead = words ? Date.parse(words.now) - Date.now() : 0;

export const serverNow = () => Date.now() + ahead;

export function duration(milliseconds) {
  const minutes = Math.floor(Math.abs(milliseconds) / 60000);
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor(minutes / 60);
  if (minutes === 0) return words.under;
  if (days >= 3) return words.days.replace("{}", days);
  if (days >= 1) {
    const text = (days === 1 ? words.day : words.days).replace("{}", days);
    return hours % 24 ? `${text} ${hours % 24} h` : text;
  }
  const parts = [hours ? `${hours} h` : "", minutes % 60 ? `${minutes % 60} min` : ""];
  return parts.filter(Boolean).join(" ");
}

function tick() {
  for (const chip of document.querySelectorAll(".chip[data-due]")) {
    const left = Date.parse(chip.dataset.due) - serverNow();
    const isSoon = chip.dataset.soon && Date.parse(chip.dataset.soon) <= serverNow();
    const look = left < 0 ? "late" : isSoon ? "soon" : "ok";
    const said = (left < 0 ? words.late : words.left).replace("{}", duration(left));
    const place = chip.querySelector("[data-left]");
    if (place.textContent !== said) place.textContent = said;
    if (!chip.classList.contains(look)) {
      chip.classList.remove("ok", "soon", "late");
      chip.classList.add(look);
      chip.querySelector("use").setAttribute("href", `#i-${look}`);
    }
  }
}

if (words) setInterval(tick, 15000);
