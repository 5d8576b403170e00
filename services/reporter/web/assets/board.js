// A page of panels: asks for their datasets, shows them, and asks again when
// files complete.
import { ask } from "./api.js";
import { blank, el } from "./dom.js";
import * as format from "./format.js";
import { announce, listen, now, showAge } from "./shell.js";
import { offer } from "./take.js";

// PATIENCE is how long an answer may take before the page says that what stands there is old.
const PATIENCE = 2_000;
// RETRY is how long a failed round waits, LONGEST_REST how long a good one may.
const RETRY = 10_000;
const LONGEST_REST = 2_000;
// IDLE is how often a page asks although no file completed: dead letters may
// come without one. Each question is billed, so that it is not asked often.
const IDLE = 300_000;

const byId = (id) => document.getElementById(id);

// Board shows panels. Each is {id, path(), params(), render(body, hint, data, context),
// fail(error, body)}; fail tells whether it has dealt with the error.
// path and params may be values. Its section is #id, with .body
// and .hint. rows gives the rows of an answer that its menu takes along, if these are not data.rows; null: it has no menu. A panel whose render looks elsewhere has place: null, and names in marks
// the elements that it fills. params() gives what all panels ask with, but for those
// that stand alone. One with an interval is asked for that often besides, and of one that is aside the page does not tell
// the period as its own.
export class Board {
  constructor(panels, { params = () => ({}), interval = IDLE } = {}) {
    this.panels = panels;
    this.params = params;
    this.shown = new Map(); // panel -> the text last drawn
    this.asOf = new Map(); // panel -> when that was so
    this.answers = new Map(); // panel -> the answer that it shows
    this.old = new Set(); // panels whose newer answer is late or has failed
    this.fresh = new Set(); // files that completed since the last round
    this.completed = 0; // how many, which may be more than are named
    this.abort = new AbortController();
    this.running = false;
    this.wanted = false;
    this.retry = 0;
    listen((event) => {
      for (const file of event.files ?? []) this.fresh.add(file.file_id);
      this.completed += event.completed;
      this.refresh();
    });
    for (const panel of panels) {
      if (panel.place === null || panel.rows === null) continue;
      offer(this.section(panel), { question: () => this.question(panel), rowsOf: panel.rows, last: () => this.answers.get(panel) });
    }
    setInterval(() => {
      if (document.visibilityState === "visible") this.refresh();
    }, interval);
    for (const panel of panels.filter((p) => p.interval)) {
      setInterval(() => {
        if (document.visibilityState === "visible" && !this.running) this.look(panel);
      }, panel.interval);
    }
    this.refresh();
  }

  // restart drops the answers on their way and asks anew: the question changed.
  restart() {
    this.abort.abort();
    this.abort = new AbortController();
    for (const panel of this.panels) this.section(panel)?.setAttribute("aria-busy", "true");
    this.refresh();
  }

  // redraw shows again what is there: how it is shown has changed.
  redraw() {
    this.shown.clear();
    this.restart();
  }

  section(panel) {
    return panel.place === null ? null : byId(panel.id);
  }

  // refresh runs one round at a time. What arrives meanwhile starts the next, after
  // a rest as long as the round: a busy warehouse spends half its time on others.
  async refresh() {
    if (this.running) {
      this.wanted = true;
      return;
    }
    this.running = true;
    clearTimeout(this.retry);
    const started = performance.now();
    const { signal } = this.abort;
    const arrived = this.fresh;
    this.fresh = new Set();
    const { completed } = this;
    this.completed = 0;
    const asked = new Map(); // two panels may show one dataset
    const common = this.params();
    const askOnce = (path, params) => {
      const key = `${path}?${new URLSearchParams(params)}`;
      if (!asked.has(key)) asked.set(key, ask(path, params, signal));
      return asked.get(key);
    };
    const results = await Promise.all(this.panels.map((panel) => this.show(panel, common, askOnce, arrived, signal)));
    if (completed > 0 && !signal.aborted) announce(`${completed === 1 ? "A file has" : `${completed} files have`} completed; the figures are current.`);
    if (this.wanted && !signal.aborted) {
      const took = performance.now() - started;
      await new Promise((resume) => setTimeout(resume, Math.min(took, LONGEST_REST)));
    }
    this.running = false;
    if (this.wanted || signal.aborted) {
      this.wanted = false;
      this.refresh();
    } else if (results.includes(false)) {
      this.retry = setTimeout(() => this.refresh(), RETRY);
    }
  }

  // look asks for one panel alone.
  look(panel) {
    const { signal } = this.abort;
    this.show(panel, this.params(), (path, params) => ask(path, params, signal), new Set(), signal);
  }

  // question is what a panel asks for now.
  question(panel, common = this.params()) {
    const valueOf = (v) => (typeof v === "function" ? v.call(panel) : v);
    return { path: valueOf(panel.path), params: panel.alone ? { ...valueOf(panel.params) } : { ...common, ...valueOf(panel.params) } };
  }

  async show(panel, common, askOnce, arrived, signal) {
    const section = this.section(panel);
    const body = section?.querySelector(".body");
    const late = setTimeout(() => this.age(panel, "A newer answer is on its way."), PATIENCE);
    try {
      const { path, params } = this.question(panel, common);
      const data = await askOnce(path, params);
      if (signal.aborted) return true;
      if (data.currency) format.setCurrency(data.currency);
      section?.removeAttribute("aria-busy");
      this.asOf.set(panel, data.as_of);
      this.answers.set(panel, data);
      this.renew(panel);
      if (data.period && !panel.aside) this.told(data);
      // Equal data is not drawn again: a selection or a scrolled table stays.
      const { as_of: asOf, ...content } = data;
      const text = JSON.stringify(content);
      if (this.shown.get(panel) !== text) {
        this.shown.set(panel, text);
        panel.render(body, section?.querySelector(".hint"), data, { now, fresh: arrived, board: this });
      }
      if (section) section.dataset.state = "ready";
      return true;
    } catch (error) {
      if (signal.aborted) return true;
      section?.removeAttribute("aria-busy");
      this.shown.delete(panel);
      const refused = error.status >= 400 && error.status < 500; // to ask again would not help
      if (panel.fail?.(error, body)) {
        this.renew(panel);
        if (section) section.dataset.state = "ready";
        return true;
      }
      if (section && (refused || section.dataset.state !== "ready")) this.fail(section, body, error, refused);
      if (refused) this.renew(panel);
      else this.age(panel, error.message);
      return refused;
    } finally {
      clearTimeout(late);
    }
  }

  // age keeps what a panel shows, and says of when it is and why nothing newer stands there.
  age(panel, why) {
    this.old.add(panel);
    const section = this.section(panel);
    for (const node of this.marked(panel)) node.dataset.stale = "";
    if (section?.dataset.state === "ready") {
      const note = section.querySelector(".stale") ?? section.appendChild(el("p", { className: "stale" }));
      note.textContent = `As of ${format.clockSeconds(this.asOf.get(panel))}. ${why}`;
    }
    this.tellAge();
  }

  // renew takes back what age has said.
  renew(panel) {
    this.old.delete(panel);
    for (const node of this.marked(panel)) delete node.dataset.stale;
    this.section(panel)?.querySelector(".stale")?.remove();
    this.tellAge();
  }

  marked(panel) {
    return [this.section(panel), ...(panel.marks ?? []).map(byId)].filter(Boolean);
  }

  // tellAge says beside the stream's state since when what the page shows is old.
  tellAge() {
    const since = [...this.old].map((panel) => this.asOf.get(panel)).filter(Boolean).sort();
    showAge(this.old.size === 0 ? "" : since.length > 0 ? `As of ${format.clockSeconds(since[0])}` : "No answer yet");
  }

  told(data) {
    byId("as-of").textContent = `${format.span(data.period.from, data.period.to)} · as of ${format.clockSeconds(data.as_of)}`;
  }

  // fail says that there is nothing to show, and what the reader can do about it.
  fail(section, body, error, refused) {
    const again = el("button", { type: "button" }, "Try again");
    again.addEventListener("click", () => this.refresh());
    const box = blank("Not available", error.message);
    box.append(refused ? el("a", { href: location.pathname }, "Open the page without the address's period and filters") : again);
    body.replaceChildren(box);
    section.dataset.state = "error";
  }
}
