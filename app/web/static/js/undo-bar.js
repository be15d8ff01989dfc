// Takes away what offers to undo something once it is too late; counts down the seconds where the bar has a place for them.
import { serverNow } from "./sla-clock.js";

function tick(bar) {
  const left = Math.ceil((Date.parse(bar.dataset.undoUntil) - serverNow()) / 1000);
  const place = bar.querySelector("[data-count]");
  if (left <= 0) bar.remove();
  else if (place) place.textContent = place.dataset.count.replace("{}", left);
}

const tickAll = () => document.querySelectorAll("[data-undo-until]").forEach(tick);

// The bar of an order for many tickets comes only when the order is done, and the page with it is not loaded anew.
if (document.querySelector("[data-undo-until], #bulk-job")) setInterval(tickAll, 250);
tickAll();
