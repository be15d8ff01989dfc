// Shows what others change, without touching focus, caret or a half-written text. A stream says that something
// changed; the page is fetched as ever and its parts are taken over. When the stream is down the page asks by itself.
const desk = document.querySelector("[data-live-stream]");
const status = document.getElementById("live-state");
const says = document.getElementById("live-says");
const news = document.getElementById("list-news");
const rowsOf = (root) => root.querySelector("#list-rows");
const EVERY = 15000;
const GATHER = 300;
const IDLE = 10000;
const SPOKEN_EVERY = 30000;

const tab = (sessionStorage["luukku:tab"] ||= crypto.randomUUID?.() ?? String(Math.random()).slice(2));

let stream = null;
let isPaused = sessionStorage.getItem("luukku:live") === "off";
let wanted = new Set();
let timer = 0;
let pending = null;
let lastTouch = 0;
let lastSaid = 0;
let unsaid = 0;

const fetched = async (url) => {
  const answer = await fetch(url, { credentials: "same-origin", headers: { "X-Live": "1" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(await answer.text(), "text/html");
};

// A part that somebody types in, or whose menu is open, waits for the next time.
function isBusy(part) {
  const active = document.activeElement;
  const types = part.contains(active) && active.matches("input:not([type=checkbox]), textarea, select");
  return types || part.querySelector("details.menu[open], details.filter[open], details[open] form, [role=alert]");
}

function take(part, fresh) {
  if (!fresh || part.innerHTML === fresh.innerHTML || isBusy(part)) return;
  const top = part.scrollTop;
  const atEnd = part.matches("[data-timeline]") && part.scrollHeight - part.clientHeight - top < 40;
  globalThis.htmx.swap({ sourceElement: part, target: part, text: fresh.innerHTML, swap: "innerMorph" });
  part.scrollTop = atEnd ? part.scrollHeight : top;
  document.dispatchEvent(new Event("luukku:refreshed"));
}

const idsIn = (root) => [...root.querySelectorAll("li[id], tr[id]")].map((row) => row.id);

function listIsWatched(rows) {
  const isLooking = rows.matches(":hover") || rows.contains(document.activeElement) || rows.scrollTop > 0;
  const hasMore = idsIn(rows).length > Number(rows.dataset.page);
  return hasMore || (isLooking && (Date.now() - lastTouch < IDLE || rows.scrollTop > 0));
}

// Rows that are there are brought up to date where they stand; what would move them waits until it disturbs nobody.
function takeRows(fresh) {
  const rows = rowsOf(document);
  const now = idsIn(fresh);
  const before = idsIn(rows);
  const isSame = now.length === before.length && now.every((id, at) => id === before[at]);
  if (isSame || !listIsWatched(rows)) {
    pending = null;
    take(rows, fresh);
  } else {
    pending = fresh;
    for (const id of now) {
      const row = rows.querySelector(`#${id}`);
      const other = fresh.querySelector(`#${id}`);
      if (row && row.outerHTML !== other.outerHTML) take(row, other);
    }
  }
  const count = now.filter((id) => !before.includes(id)).length;
  news.hidden = !pending;
  news.textContent = count ? news.dataset.words.replace("{}", count) : news.dataset.changed;
  unsaid += count;
  speak();
}

function speak() {
  if (!unsaid || Date.now() - lastSaid < SPOKEN_EVERY) return;
  says.textContent = says.dataset.words.replace("{}", unsaid);
  lastSaid = Date.now();
  unsaid = 0;
}

function parts(doc, names) {
  for (const name of names) {
    const part = document.querySelector(`[data-live="${name}"]`);
    if (part) take(part, doc.querySelector(`[data-live="${name}"]`));
  }
}

async function refresh() {
  timer = 0;
  if (isPaused) return;
  const all = wanted;
  wanted = new Set();
  const isOwn = desk.dataset.ticket && (all.has("all") || all.has(desk.dataset.ticket));
  const url = new URL(isOwn ? desk.dataset.liveOwn : desk.dataset.liveList, location.href);
  url.search = new URL(desk.dataset.liveList, location.href).search;
  const seen = document.querySelector("#form-reply [name=seen]");
  if (isOwn && seen) url.searchParams.set("seen", seen.value);
  if (isOwn) url.searchParams.set("visit", desk.dataset.visit);
  try {
    const doc = await fetched(url);
    if (isPaused) return;
    const fresh = rowsOf(doc);
    fresh.querySelector(`#t${desk.dataset.ticket} .row`)?.setAttribute("aria-current", "true");
    parts(doc, ["places", "rail", "total"]);
    takeRows(fresh);
    if (isOwn) parts(doc, ["head", "time", "company", "arrived", "side"]);
    show();
  } catch {
    show("down");
  }
}

function ask(what) {
  for (const one of what) wanted.add(one);
  if (!isPaused && !timer) timer = setTimeout(refresh, GATHER);
}

function show(how) {
  const state = isPaused ? "paused" : how ?? (stream?.readyState === EventSource.OPEN ? "live" : "asking");
  if (status.dataset.state === state) return;
  status.dataset.state = state;
  status.setAttribute("aria-pressed", String(!isPaused));
  const words = status.querySelector("[data-words]");
  words.textContent = words.getAttribute(`data-say-${state}`);
}

function listen() {
  stream?.close();
  stream = null;
  if (isPaused || document.hidden) return show();
  stream = new EventSource(`${desk.dataset.liveStream}&tab=${tab}`);
  stream.addEventListener("open", () => show());
  stream.addEventListener("error", () => show());
  stream.addEventListener("all", () => ask(["all"]));
  for (const kind of ["ticket", "presence", "menu"]) {
    stream.addEventListener(kind, (event) => {
      desk.dataset.liveStream = desk.dataset.liveStream.replace(/since=\d+/, `since=${event.lastEventId}`);
      ask([kind, ...event.data.split(",")]);
    });
  }
  stream.addEventListener("call", () => ring());
}

const ring = () => document.getElementById("dock")?.dispatchEvent(new Event("refresh"));
const isUp = () => stream?.readyState === EventSource.OPEN;

if (desk && status) {
  status.hidden = false;
  for (const kind of ["pointermove", "keydown", "wheel"]) {
    document.addEventListener(kind, () => (lastTouch = Date.now()), { passive: true });
  }
  news.addEventListener("click", () => {
    const rows = rowsOf(document);
    const fresh = pending;
    pending = null;
    news.hidden = true;
    if (fresh) take(rows, fresh);
    rows.scrollTop = 0;
    rows.querySelector(".row, .row-link")?.focus();
  });
  status.addEventListener("click", () => {
    isPaused = !isPaused;
    sessionStorage.setItem("luukku:live", isPaused ? "off" : "on");
    listen();
    if (!isPaused) ask(["all"]);
  });
  document.addEventListener("visibilitychange", () => {
    listen();
    if (!document.hidden) ask(["all"]);
  });
  // A stream that was refused is closed for good: it is tried again now and then, and the page asks until then.
  setInterval(() => {
    if (isPaused || document.hidden || isUp()) return;
    if (!stream || stream.readyState === EventSource.CLOSED) listen();
    ask(["all"]);
  }, EVERY);
  // Time alone moves tickets from one heading to the next, and brings back what was put aside.
  setInterval(() => document.hidden || ask(["list"]), 60000);
  setInterval(() => {
    if (pending && !listIsWatched(rowsOf(document))) takeRows(pending);
    speak();
  }, 2000);
  setInterval(() => {
    const hasCard = document.querySelector("#dock [data-call]");
    if (!document.hidden && (!isUp() || hasCard)) ring();
  }, 2000);
  listen();
}
