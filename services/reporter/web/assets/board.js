// A page of panels: asks for their datasets, shows them, and asks again when
// files complete.
import { ask } from "./api.js";
import { blank, el } from "./dom.js";
import * as format from "./format.js";
import { announce, listen, now } from "./shell.js";

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
// and .hint; a panel whose render looks elsewhere has place: null. params()
// gives what all panels ask with, but for those that stand alone.
export class Board {
  constructor(panels, { params = () => ({}), interval = IDLE } = {}) {
    this.panels = panels;
    this.params = params;
    this.shown = new Map(); // panel -> the text last drawn
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
    setInterval(() => {
      if (document.visibilityState === "visible") this.refresh();
    }, interval);
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

  async show(panel, common, askOnce, arrived, signal) {
    const valueOf = (v) => (typeof v === "function" ? v.call(panel) : v);
    const section = this.section(panel);
    const body = section?.querySelector(".body");
    try {
      const data = await askOnce(valueOf(panel.path), panel.alone ? { ...valueOf(panel.params) } : { ...common, ...valueOf(panel.params) });
      if (signal.aborted) return true;
      if (data.currency) format.setCurrency(data.currency);
      section?.querySelector(".stale")?.remove();
      section?.removeAttribute("aria-busy");
      if (data.period) this.told(data);
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
      if (panel.fail?.(error, body)) {
        if (section) section.dataset.state = "ready";
        return true;
      }
      if (section) this.fail(section, body, error);
      return false;
    }
  }

  told(data) {
    byId("as-of").textContent = `${format.span(data.period.from, data.period.to)} · as of ${format.clockSeconds(data.as_of)}`;
  }

  // fail keeps what is shown and says that it is old, or says that there is nothing.
  fail(section, body, error) {
    if (section.dataset.state === "ready") {
      if (!section.querySelector(".stale")) section.append(el("p", { className: "stale" }, `These figures are not current: ${error.message}`));
      return;
    }
    const again = el("button", { type: "button" }, "Try again");
    again.addEventListener("click", () => this.refresh());
    const box = blank("Not available", error.message);
    box.append(again);
    body.replaceChildren(box);
    section.dataset.state = "error";
  }
}
