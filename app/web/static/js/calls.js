// A ringing call is said once to screen readers and shown in the window's title; focus stays where it is.
const dock = document.getElementById("dock");
const title = document.title;

function ring() {
  const number = dock.querySelector("[data-call]")?.dataset.call;
  document.title = number ? `${number} · ${title}` : title;
}

dock?.addEventListener("htmx:after:settle", ring);
dock?.addEventListener("htmx:after:swap", ring);
