// Keeps what is written on the server, at most two seconds behind; the browser keeps what has not got there yet.
const SOON = 800;
const LATEST = 1600;
const AGAIN = 3000;
const field = (panel) => panel.querySelector("textarea");
const revision = (panel) => panel.querySelector("[name=revision]");

class DraftBox {
  constructor(panel, key) {
    Object.assign(this, { panel, key, timer: 0, since: 0, saving: null, isDirty: false, isOver: false });
    panel.addEventListener("input", () => this.changed());
    panel.addEventListener("change", () => this.changed());
    field(panel).addEventListener("blur", () => this.save());
    panel.addEventListener("submit", (event) => this.submit(event));
    panel.querySelector("[data-take]")?.addEventListener("click", () => this.settle(true));
    panel.querySelector("[data-mine]")?.addEventListener("click", () => this.settle(false));
    this.restore();
  }

  // What is left in the browser never got to the server: a crash, a lost line or a log-out came between.
  restore() {
    const kept = JSON.parse(sessionStorage.getItem(this.key) ?? "null");
    if (!kept) return;
    if (kept.text === field(this.panel).value || !kept.text) return sessionStorage.removeItem(this.key);
    const standing = { text: field(this.panel).value, revision: Number(revision(this.panel).value) };
    field(this.panel).value = kept.text;
    if (kept.revision !== standing.revision) return this.conflict(standing.text, standing.revision);
    this.changed();
  }

  changed() {
    if (this.isOver) return;
    this.isDirty = true;
    this.keepHere();
    this.since ||= Date.now();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), Math.max(0, Math.min(SOON, this.since + LATEST - Date.now())));
  }

  keepHere() {
    sessionStorage.setItem(this.key, JSON.stringify({ text: field(this.panel).value, revision: Number(revision(this.panel).value) }));
  }

  async save() {
    clearTimeout(this.timer);
    if (!this.isDirty || this.isOver || this.other) return;
    if (this.saving) {
      await this.saving;
      return this.save();
    }
    this.isDirty = false;
    this.since = 0;
    this.saving = this.send();
    await this.saving;
    this.saving = null;
  }

  async send() {
    const text = field(this.panel).value;
    try {
      const answer = await fetch(this.panel.dataset.draft, { method: "POST", body: new FormData(this.panel), credentials: "same-origin", keepalive: text.length < 15000 });
      if (answer.status !== 409 && !answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      if (answer.status === 409) return this.conflict(told.body, told.revision);
      revision(this.panel).value = told.revision;
      if (field(this.panel).value === text) sessionStorage.removeItem(this.key);
      else this.keepHere();
      this.say(text ? "kept" : "");
      document.dispatchEvent(new Event("luukku:draft"));
    } catch {
      this.isDirty = true;
      this.say("local");
      this.timer = setTimeout(() => this.save(), AGAIN);
    }
  }

  say(what) {
    const place = this.panel.querySelector("[data-state]");
    if (place) place.textContent = place.dataset[what] ?? "";
  }

  conflict(text, number) {
    if (text === field(this.panel).value) {
      revision(this.panel).value = number;
      return sessionStorage.removeItem(this.key);
    }
    this.other = { text, number };
    const box = this.panel.querySelector("[data-conflict]");
    box.querySelector("[data-other]").textContent = text || "–";
    box.hidden = false;
  }

  settle(takesOther) {
    if (takesOther) field(this.panel).value = this.other.text;
    revision(this.panel).value = this.other.number;
    this.other = null;
    this.panel.querySelector("[data-conflict]").hidden = true;
    this.changed();
    field(this.panel).focus();
  }

  // What is on its way to the server gets there first: a late draft must not rise again after it was sent.
  async submit(event) {
    if (this.saving) {
      event.preventDefault();
      const button = event.submitter;
      await this.saving;
      return this.panel.requestSubmit(button);
    }
    clearTimeout(this.timer);
    this.isOver = true;
    this.keepHere();
  }
}

export function draftBoxes(panels, key, done) {
  if (done) sessionStorage.removeItem(key + done);
  const boxes = panels.map((panel) => new DraftBox(panel, key + panel.dataset.panel));
  const all = () => Promise.all(boxes.map((box) => box.save()));
  addEventListener("pagehide", all);
  document.addEventListener("visibilitychange", () => document.hidden && all());
  return all;
}

// An answer that was sent by "and open the next" has arrived when the next page says so.
const sent = new URLSearchParams(location.search).get("sent");
if (sent) sessionStorage.removeItem(`luukku:${sent}:reply`);
