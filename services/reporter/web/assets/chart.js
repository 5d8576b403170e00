// Charts over time: what all of them share. uPlot draws; the page's styles choose
// the colours, and every chart has a table beside it.
import { el } from "./dom.js";
import * as format from "./format.js";
import { onTheme } from "./shell.js";
import { Tip } from "./tip.js";
import { isStart, ZONE } from "./zone.js";

export const HOUR = 3600;
export const DAY = 24 * HOUR;

// color is what a custom property says now, as a canvas understands it: the property
// itself holds both colours, and only an element that uses it shows which is meant.
const probe = el("i", { hidden: true });
document.body.append(probe);
export function color(name) {
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}

// axes are the time axis and the value axis; the labels are as large as small text.
export function axes({ showTime = true, formatValue }) {
  const root = getComputedStyle(document.documentElement);
  const size = parseFloat(root.fontSize);
  const font = `${Math.round(size * 0.76)}px ${root.getPropertyValue("--sans")}`;
  const line = color("--line");
  return [
    {
      show: showTime, font, stroke: color("--ink-faint"), size: Math.round(size * 1.9), gap: 6, space: size * 5,
      ticks: { show: false }, grid: { show: false }, border: { show: true, stroke: line, width: 1 },
      values: (u, splits, i, space, incr) => splits.map((t) => {
        const { min, max } = u.scales.x;
        if ((max - t) / (max - min) * u.width < size * 1.6) return ""; // it would be cut at the edge
        return incr >= DAY || isStart(t * 1000) ? format.date(t * 1000) : format.clock(t * 1000);
      }),
    },
    {
      font, stroke: color("--ink-faint"), size: Math.round(size * 3.6), gap: 8, space: Math.round(size * 2.4),
      ticks: { show: false }, grid: { stroke: line, width: 1 },
      values: (u, splits) => splits.map((v) => formatValue(v)),
    },
  ];
}

// onClock is an instant as the shop's clock shows it.
export const onClock = (t) => window.uPlot.tzDate(new Date(t * 1000), ZONE === "UTC" ? "Etc/UTC" : ZONE);

// MOVES are the keys that walk through a chart.
const MOVES = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

// steps fills a period with steps of equal length, so that one without data is a
// zero and not a hole. find gives a step's data by its time.
export function steps(from, to, length) {
  const times = [];
  for (let t = from; t < to; t += length) times.push(t);
  return times;
}

// Chart is what the charts have in common: a frame that follows its width and the page's colours, a tip, and a table. Who
// extends it has draw(), which does nothing before there is data, and onKey(event), and keeps its uPlots in plots.
export class Chart {
  // label says what is shown, summary what opens the table.
  constructor(label, summary) {
    this.plots = [];
    this.frame = el("div", { className: "frame", tabIndex: 0, attrs: { role: "group", "aria-label": `${label}. Left and right arrow keys move through it.` } });
    this.details = el("details", {}, el("summary", {}, summary));
    this.tip = new Tip(this.frame);
    this.frame.addEventListener("keydown", (event) => this.onKey(event));
    this.sizes = new ResizeObserver(() => {
      const width = this.frame.clientWidth;
      if (width > 0 && width !== this.width) this.draw();
    });
    this.sizes.observe(this.frame);
    this.closed = new AbortController();
    onTheme(() => this.draw(), this.closed.signal);
  }

  // close lets go of a chart whose place is taken.
  close() {
    this.closed.abort();
    this.sizes.disconnect();
    for (const plot of this.plots) plot.destroy();
  }

  // tabulate shows the same as a table, and what belongs under it.
  tabulate(table, below = "") {
    this.details.replaceChildren(this.details.firstElementChild, el("div", { className: "scroll" }, table), below);
  }

  // walk is the place to which a key leads from the present one, of places up to last; null for any other key.
  walk(event, present, last) {
    if (!(event.key in MOVES)) return null;
    event.preventDefault();
    const from = present ?? (event.key === "ArrowLeft" ? last + 1 : -1);
    return Math.max(0, Math.min(last, from + MOVES[event.key]));
  }
}

// TimeChart draws series over time, as stacked bars or as lines.
export class TimeChart extends Chart {
  // series are {title, tone}; format shows a value, when(time) a time.
  constructor(body, { label, series, bars = false, formatValue, when }) {
    super(label, "Show as a table");
    Object.assign(this, { series, bars, formatValue, when });
    this.spoken = el("p", { className: "hidden", attrs: { "aria-live": "polite" } });
    this.legend = el("ul", { className: "keys" }, ...series.map((s) => el("li", { vars: { tone: `var(${s.tone})` } }, s.title)));
    body.replaceChildren(this.legend, this.frame, this.spoken, this.details);
    this.frame.addEventListener("blur", () => this.tip.hide());
  }

  // show takes times in seconds and one list of values per series; table is the
  // same as a table. texts, if given, are the values in full, where a number may not be.
  show(times, values, table, texts = null) {
    this.times = times;
    this.texts = texts;
    this.values = values;
    this.tabulate(table);
    this.draw();
  }

  draw() {
    if (!this.times) return;
    // Stacked bars are drawn from the tallest sum down, each over the last.
    const drawn = this.bars ? this.values.map((v, i) => v.map((_, at) => this.values.slice(i).reduce((sum, other) => sum + other[at], 0))) : this.values;
    const shape = `${this.frame.clientWidth} ${color("--ink")} ${this.times.length}`;
    if (shape === this.shape) {
      this.plots[0].setData([this.times, ...drawn]);
      return;
    }
    this.shape = shape;
    this.width = this.frame.clientWidth || 600;
    for (const plot of this.plots) plot.destroy();
    const step = this.times.length > 1 ? this.times[1] - this.times[0] : HOUR;
    this.plots = [new window.uPlot({
      width: this.width,
      height: Math.round(Math.min(420, Math.max(190, this.width * 0.24))),
      padding: [10, 2, 0, 0],
      legend: { show: false },
      tzDate: onClock,
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: {
        x: { time: true, range: (u, min, max) => (this.bars ? [min - step * 0.2, max + step * 1.05] : [min, max]) },
        y: { range: (u, min, max) => [0, max > 0 ? max * 1.06 : 1] },
      },
      series: [{}, ...this.series.map((s) => (this.bars
        ? { stroke: color(s.tone), fill: color(s.tone), width: 0, points: { show: false }, paths: window.uPlot.paths.bars({ size: [0.78, 44], align: 1, radius: 0.12 }) }
        : { stroke: color(s.tone), width: 2, points: { show: false } }))],
      axes: axes({ formatValue: this.formatValue }),
      hooks: { setCursor: [(u) => this.point(u)] },
    }, [this.times, ...drawn], this.frame)];
    this.frame.append(this.tip.box);
  }

  point(u) {
    if (u.cursor.left < 0) return this.tip.hide();
    const t = u.posToVal(u.cursor.left, "x");
    const step = this.times.length > 1 ? this.times[1] - this.times[0] : HOUR;
    // Days have 23 to 25 hours.
    const at = this.bars ? this.times.findLastIndex((start) => start <= t) : Math.round((t - this.times[0]) / step);
    this.tell(Math.max(0, Math.min(this.times.length - 1, at)), u.cursor.left + u.bbox.left / devicePixelRatio, u.cursor.top ?? 20);
  }

  tell(at, x, y) {
    this.at = at;
    this.tip.show(x, y, el("strong", {}, this.when(this.times[at])), ...this.series.map((s, i) =>
      el("span", { className: "keyed", vars: { tone: `var(${s.tone})` } }, `${s.title} ${this.say(i, at)}`)));
  }

  // say is a value in full.
  say(i, at) {
    return this.texts ? this.texts[i][at] : this.formatValue(this.values[i][at], true);
  }

  onKey(event) {
    const [plot] = this.plots;
    const at = plot ? this.walk(event, this.at, this.times.length - 1) : null;
    if (at === null) return;
    this.tell(at, plot.valToPos(this.times[at], "x") + plot.bbox.left / devicePixelRatio, 24);
    this.spoken.textContent = `${this.when(this.times[at])}: ${this.series.map((s, i) => `${s.title} ${this.say(i, at)}`).join(", ")}`;
  }
}
