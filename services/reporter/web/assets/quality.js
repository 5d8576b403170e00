// Findings of the quality checks, over time, by rule and one by one.
import { Address } from "./address.js";
import { Board } from "./board.js";
import { steps, TimeChart } from "./chart.js";
import { blank, chip, el, name, table } from "./dom.js";
import { findingsList, ruleName, severityTones, tally } from "./findings.js";
import * as format from "./format.js";
import { Growing, replaceKeepingFocus } from "./more.js";

const SEVERITIES = [{ title: "error", tone: "--bad" }, { title: "warning", tone: "--warn-bar" }, { title: "info", tone: "--info-bar" }];
const growing = new Growing(12, 50);
let board = null;
const address = new Address({ names: ["severity", "rule", "file"], standard: "7d", onChange: () => {
  growing.reset();
  board?.restart();
} });
const params = () => ({ limit: String(growing.limit) });
const when = (length) => (t) => (length >= 86_400 ? format.longDate(t * 1000) : format.moment(t * 1000));

board = new Board([
  {
    id: "timeline",
    path: "quality",
    rows: (data) => data.timeline,
    params,
    render(body, hint, { timeline, period, step_from: first, step_seconds: length }) {
      const all = timeline.reduce((n, r) => n + r.findings, 0);
      hint.textContent = all > 0 ? `${format.plural(all, "finding")}, per ${length === 60 ? "minute" : length === 3600 ? "hour" : "day"}` : "";
      if (all === 0) {
        this.chart?.close();
        this.chart = null;
        return body.replaceChildren(blank("No findings", "Every record passed every rule.", "✓"));
      }
      const times = steps(Date.parse(first) / 1000, Date.parse(period.to) / 1000, length);
      const sums = SEVERITIES.map(() => new Array(times.length).fill(0));
      for (const r of timeline) sums[SEVERITIES.findIndex((s) => s.title === r.severity)][Math.round((Date.parse(r.step) / 1000 - times[0]) / length)] += r.findings;
      if (!this.chart || this.length !== length) {
        this.length = length;
        this.chart?.close();
        this.chart = new TimeChart(body, { label: "Chart of findings over time", series: SEVERITIES, bars: true, formatValue: format.shortCount, when: when(length) });
      }
      this.chart.show(times, sums, table("Findings over time", [{ title: "From" }, { title: "Rule" }, { title: "Severity" }, { title: "Findings", num: true }],
        timeline.toReversed().map((r) => ({ cells: [format.moment(r.step), ruleName(r.check_type), r.severity, format.count(r.findings)] }))));
    },
  },
  {
    id: "rules",
    path: "quality",
    params,
    rows: (data) => data.rules,
    render(body, hint, { rules }) {
      address.offer("rule", rules.map((r) => r.check_type));
      hint.textContent = rules.length > 0 ? format.plural(rules.length, "rule") : "";
      if (rules.length === 0) return body.replaceChildren(blank("No findings in this period", "", "✓"));
      body.replaceChildren(el("div", { className: "scroll" }, table("Findings by rule", [
        { title: "Rule" }, { title: "Severity" }, { title: "Findings", num: true }, { title: "Files", num: true, wide: true }, { title: "Newest", num: true, wide: true },
      ], rules.map((r) => ({
        cells: [
          el("span", { title: r.remedy ?? "" }, chooser(r.check_type), r.meaning ? el("div", { className: "soft small wide-only" }, r.meaning) : null),
          chip(r.severity, severityTones[r.severity]), tally(r), format.count(r.files), format.moment(r.newest_at),
        ],
      })))));
    },
  },
  {
    id: "findings",
    path: "quality",
    params,
    render(body, hint, data, { board: self }) {
      const file = address.get("file");
      hint.replaceChildren(file ? el("span", {}, "of one file: ", name(file, "name mono")) : "");
      if (data.rows.length === 0) return body.replaceChildren(blank("No findings match", "", "✓"));
      replaceKeepingFocus(body, findingsList(data.rows), growing.button(data, "Show older findings", self, "Choose a rule or a shorter period to see others."));
    },
  },
], { params: () => address.params() });

// chooser narrows the page to a rule.
function chooser(rule) {
  const button = el("button", { type: "button", className: "link" }, ruleName(rule));
  button.addEventListener("click", () => address.set({ rule: address.get("rule") === rule ? "" : rule }));
  return button;
}
