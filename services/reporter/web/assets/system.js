// How the pipeline runs: what passes each stage, how long it takes, how the services are.
import { Address, MINUTES } from "./address.js";
import { Board } from "./board.js";
import { steps, TimeChart } from "./chart.js";
import { blank, chip, el, name, table } from "./dom.js";
import * as format from "./format.js";
import { setTile } from "./tiles.js";

const byId = (id) => document.getElementById(id);
const POLL = 15_000;
const SERIES = [{ key: "landed", title: "landed", tone: "--ink-faint" }, { key: "parsed", title: "parsed", tone: "--second" }, { key: "loaded", title: "loaded", tone: "--accent" }];
const STAGES = { claim: "Claim", parse: "Parse", load: "Load", whole: "In all" };
const STATES = { ready: ["ready", "good"], not_ready: ["not ready", "warn"], unreachable: ["unreachable", "bad"] };
const UNITS = { 60: "minute", 3600: "hour", 86_400: "day" };
let board = null;
const address = new Address({ presets: MINUTES, standard: "1h", onChange: () => board?.restart() });

function showTotals({ rows: [t], period, lags }) {
  const seconds = (Date.parse(period.to) - Date.parse(period.from)) / 1000;
  const totals = byId("totals");
  const each = (n, unit) => `${format.rate(n / seconds)} ${unit} a second`;
  setTile(totals, "files", { figure: format.count(t.files), aside: t.quarantined_files > 0 ? `${format.count(t.quarantined_files)} quarantined` : "none quarantined" });
  setTile(totals, "records", { figure: format.count(t.records), aside: `${format.count(t.loaded)} loaded, ${format.count(t.rejected)} refused` });
  setTile(totals, "lines", { figure: format.count(t.lines), aside: each(t.lines, "lines") });
  setTile(totals, "bytes", { figure: format.bytes(t.bytes), aside: `${format.bytes(t.bytes / seconds)} a second` });
  setTile(totals, "waiting", { figure: format.count(t.open_references), aside: "products and customers not known yet" });
  totals.dataset.state = "ready";
  return lags;
}

function metrics(s) {
  if (s.metrics.length === 0) return "";
  return el("details", {}, el("summary", {}, format.plural(s.metrics.length, "metric")), el("div", { className: "scroll" },
    table(`Metrics of ${s.service}`, [{ title: "Metric" }, { title: "Value", num: true }, { title: "Mean", num: true }],
      s.metrics.map((m) => ({ cells: [el("span", { title: m.help ?? "" }, name(m.name, "name mono")), format.count(m.value), m.mean === undefined ? "" : m.name.endsWith("_seconds") ? format.duration(m.mean * 1000) : format.rate(m.mean)] })))));
}

board = new Board([
  { place: null, marks: ["totals"], path: "system", render: (body, hint, data) => { showTotals(data); } },
  {
    id: "throughput",
    path: "system",
    rows: (data) => data.throughput,
    render(body, hint, { throughput, period, step_from: first, step_seconds: length }) {
      hint.textContent = `records per ${UNITS[length]}`;
      if (throughput.length === 0) {
        this.chart?.close();
        this.chart = null;
        return body.replaceChildren(blank("Nothing passed in this period", "Files that land are counted here by the minute."));
      }
      const times = steps(Date.parse(first) / 1000, Date.parse(period.to) / 1000, length);
      const values = SERIES.map(() => new Array(times.length).fill(0));
      for (const r of throughput) {
        const series = SERIES.findIndex((s) => s.key === r.stage);
        if (series >= 0) values[series][Math.round((Date.parse(r.step) / 1000 - times[0]) / length)] += r.records;
      }
      this.chart ??= new TimeChart(body, { label: "Chart of records that passed each stage", series: SERIES, formatValue: format.shortCount, when: (t) => format.moment(t * 1000) });
      this.chart.show(times, values, table("Throughput", [{ title: "From" }, { title: "Stage" }, { title: "Files", num: true }, { title: "Records", num: true }, { title: "Size", num: true }],
        throughput.toReversed().map((r) => ({ cells: [format.moment(r.step), r.stage, format.count(r.files), format.count(r.records), format.bytes(r.bytes)] }))));
    },
  },
  {
    id: "lags",
    path: "system",
    rows: (data) => data.lags,
    render(body, hint, { lags }) {
      hint.textContent = lags.length > 0 ? format.plural(lags.at(-1).files, "file") : "";
      if (lags.length === 0) return body.replaceChildren(blank("No file in this period"));
      body.replaceChildren(el("div", { className: "scroll" }, table("Time per stage", [{ title: "Stage" }, { title: "p50", num: true }, { title: "p99", num: true }, { title: "Longest", num: true }],
        lags.map((l) => ({ cells: [el("span", { className: "stage", data: { stage: l.stage } }, STAGES[l.stage]), format.duration(l.p50_ms), format.duration(l.p99_ms), format.duration(l.max_ms)] })))));
    },
  },
  {
    id: "services",
    alone: true,
    path: "services",
    render(body, hint, { configured, rows }) {
      hint.textContent = configured ? `${rows.filter((s) => s.state === "ready").length} of ${rows.length} ready` : "";
      if (!configured) return body.replaceChildren(blank("Not configured", "Set SERVICE_URLS of the reporter, as name=http://host:port, to see the state of the other services."));
      body.replaceChildren(el("ul", { className: "services" }, ...rows.map((s) => el("li", {},
        el("h3", {}, name(s.service), chip(...STATES[s.state])),
        s.detail ? el("p", { className: "soft small name" }, s.detail) : el("p", { className: "soft small" }, `answered in ${format.duration(s.took_ms)}`), metrics(s)))));
    },
  },
], { params: () => address.params(), interval: POLL });
