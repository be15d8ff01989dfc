// Counts down the seconds in which an answer can be taken back, then takes the bar away.
import { serverNow } from "./sla-clock.js";

const bar = document.querySelector("[data-undo-until]");

function tick() {
  const left = Math.ceil((Date.parse(bar.dataset.undoUntil) - serverNow()) / 1000);
  const place = bar.querySelector("[data-count]");
  if (left > 0) {
    place.textContent = place.dataset.count.replace("{}", left);
  } else {
    clearInterval(timer);
    bar.remove();
  }
}

const timer = bar && setInterval(tick, 250);
if (bar) tick();
