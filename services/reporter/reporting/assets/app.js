// The page: asks for every dataset, shows it, and asks again when files complete.
import { ask } from "./api.js";
import { blank, el } from "./dom.js";
import * as format from "./format.js";
import { follow } from "./live.js";
import { panels } from "./panels.js";
import { currentPeriod, hintElsewhere, renderPeriods } from "./periods.js";
import { Tiles } from "./tiles.js";

const stateTexts = { connecting: "Connecting", live: "Live", lost: "Reconnecting" };
// RETRY is how long a failed round waits, LONGEST_REST how long a good one may,
// MIDNIGHT how often the period is checked for a new day.
const RETRY = 10_000;
const LONGEST_REST = 2_000;
const MIDNIGHT = 60_000;
// IDLE is how often a page asks although no file completed: dead letters may
// come without one. Each question is billed, so that it is not asked often.
const IDLE = 300_000;

const byId = (id) => document.getElementById(id);
const live = byId("live");

let stream = null; // set below; the first clock is the browser's own
const now = () => stream?.serverNow() ?? Date.now();
const tiles = new Tiles(byId("summary"), now);
const shown = new Map(); // dataset -> the text last drawn
let fresh = new Set(); // files that completed since the last round
let period = currentPeriod(now());
let round = new AbortController();
let running = false;
let wanted = false;
let retry = 0;

stream = follow({
  onState(state) {
    live.dataset.state = state;
    byId("live-text").textContent = stateTexts[state];
  },
  onRefresh(event) {
    for (const file of event.files ?? []) fresh.add(file.file_id);
    refresh();
  },
});

// refresh runs one round at a time. What arrives meanwhile starts the next, after
// a rest as long as the round: a busy warehouse spends half its time on others.
async function refresh() {
  if (running) {
    wanted = true;
    return;
  }
  running = true;
  clearTimeout(retry);
  const started = performance.now();
  const { signal } = round;
  const arrived = fresh;
  fresh = new Set();
  const asked = new Map(); // two panels may show one dataset
  const askOnce = (path, params) => {
    if (!asked.has(path)) asked.set(path, ask(path, { ...period.params, ...params }, signal));
    return asked.get(path);
  };
  const results = await Promise.all([
    summary(askOnce, signal),
    ...Object.keys(panels).map((id) => panel(id, askOnce, arrived, signal)),
  ]);
  if (wanted && !signal.aborted) {
    const took = performance.now() - started;
    await new Promise((resume) => setTimeout(resume, Math.min(took, LONGEST_REST)));
  }
  running = false;
  if (wanted || signal.aborted) {
    wanted = false;
    refresh();
  } else if (results.includes(false)) {
    retry = setTimeout(refresh, RETRY);
  }
}

async function summary(askOnce, signal) {
  try {
    const data = await askOnce("summary");
    if (signal.aborted) return true;
    format.setCurrency(data.currency);
    tiles.show(data);
    hintElsewhere(byId("notice"), data, choose);
    delete byId("notice").dataset.kind;
    byId("as-of").textContent = `${format.longDate(data.period.from)} – ${format.longDate(Date.parse(data.period.to) - 1)} · as of ${format.clockSeconds(data.as_of)}`;
    return true;
  } catch (error) {
    if (signal.aborted) return true;
    tiles.fail();
    byId("notice").dataset.kind = "error";
    byId("notice").textContent = `${error.message} The page tries again by itself.`;
    byId("notice").hidden = false;
    return false;
  }
}

async function panel(id, askOnce, arrived, signal) {
  const { path, params } = panels[id];
  const section = byId(id);
  const body = section.querySelector(".body");
  try {
    const data = await askOnce(path, params);
    if (signal.aborted) return true;
    format.setCurrency(data.currency);
    section.querySelector(".stale")?.remove();
    if (id === "files") tiles.showFiles(data);
    // Equal data is not drawn again: a selection or a scrolled table stays. The
    // chart of the hours moves with the clock.
    const { as_of: asOf, ...content } = data;
    const text = JSON.stringify(content);
    if (shown.get(id) !== text) {
      shown.set(id, text);
      panels[id].render(body, section.querySelector(".hint"), data, { now, fresh: arrived, refresh });
    }
    section.dataset.state = data.rows.length === 0 ? "empty" : "ready";
    return true;
  } catch (error) {
    if (signal.aborted) return true;
    fail(section, body, error);
    return false;
  }
}

// fail keeps what is shown and says that it is old, or says that there is nothing.
function fail(section, body, error) {
  if (section.dataset.state === "ready" || section.dataset.state === "empty") {
    if (!section.querySelector(".stale")) section.append(el("p", { className: "stale" }, "These figures are not current: the last question failed."));
    return;
  }
  const again = el("button", { type: "button" }, "Try again");
  again.addEventListener("click", refresh);
  const box = blank("Not available", error.message);
  box.append(again);
  body.replaceChildren(box);
  section.dataset.state = "error";
}

// choose follows the page's address to another period.
function choose() {
  period = currentPeriod(now());
  renderPeriods(byId("periods"), period, choose);
  round.abort();
  round = new AbortController();
  refresh();
}

addEventListener("popstate", choose);
setInterval(() => {
  if (document.visibilityState === "visible") refresh();
}, IDLE);
setInterval(() => {
  if (JSON.stringify(currentPeriod(now())) !== JSON.stringify(period)) choose();
}, MIDNIGHT);
renderPeriods(byId("periods"), period, choose);
refresh();
