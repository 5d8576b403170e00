// A file's stages, drawn to scale.
import { el } from "./dom.js";
import * as format from "./format.js";

const time = (text) => (text === null ? null : Date.parse(text));

// stagesOf are the steps between a ledger row's times; a time that is not known
// joins two steps.
export function stagesOf(row) {
  const points = [["Landed", row.landed_at], ["Claimed", row.claimed_at], ["Parsed", row.parsed_at], [row.verdict === "loaded" ? "Loaded" : "Put aside", row.loaded_at]]
    .filter(([, at]) => at !== null);
  return points.slice(1).map(([title, at], i) => ({ title, from: time(points[i][1]), to: time(at), took: Math.max(0, time(at) - time(points[i][1])) }));
}

const STEP_NAMES = { Claimed: "claim", Parsed: "parse", Loaded: "load", "Put aside": "decide" };

// strip is the small timeline of a list: one bar, its steps to scale.
export function strip(row) {
  const stages = stagesOf(row);
  const whole = time(row.loaded_at) - time(row.landed_at);
  const text = stages.map((s) => `${STEP_NAMES[s.title]} ${format.duration(s.took)}`).join(", ");
  return el("span", { className: "strip", title: text },
    el("span", { className: "strip-bar", attrs: { role: "img", "aria-label": text } },
      ...stages.map((s) => el("i", { data: { stage: STEP_NAMES[s.title] }, vars: { grow: String(Math.max(s.took, whole / 50, 1)) } }))),
    el("span", {}, format.duration(whole)));
}

// timeline is the large one of a file's page.
export function timeline(row) {
  const stages = stagesOf(row);
  const whole = Math.max(1, time(row.loaded_at) - time(row.landed_at));
  const stop = (title, at, took, stage) => el("li", { data: stage ? { stage } : {}, vars: { grow: String(took === null ? 0 : Math.max(took, whole / 12)) } },
    took === null ? "" : el("span", { className: "took" }, format.duration(took)),
    el("strong", {}, title), el("time", { dateTime: new Date(at).toISOString() }, format.clockMillis(at)));
  return el("ol", { className: "timeline" }, stop("Landed", time(row.landed_at), null),
    ...stages.map((s) => stop(s.title, s.to, s.took, STEP_NAMES[s.title])));
}
