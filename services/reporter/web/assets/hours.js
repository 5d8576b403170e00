// The chart of the hours: revenue above, orders below, one cursor for both.
import { amount } from "./amount.js";
import { axes, Chart, color, DAY, HOUR, onClock } from "./chart.js";
import { el, name, table } from "./dom.js";
import * as format from "./format.js";
import { dayOf, Shift, starts } from "./zone.js";

// Hours are joined into these steps until a bar has room to be seen.
const STEPS = [1, 2, 3, 6, 12, 24, 48, 168].map((hours) => hours * HOUR);
const ROOM = 5; // CSS pixels per bar
const SHORTEST = 24 * HOUR; // of the time axis
const TABLE_ROWS = 48;
const DAYS_FOR_GOALS = 14 * DAY - HOUR; // the shortest period of which the goals of days are drawn; one day may have 23 hours
const FLAG = 9; // radius of an annotation's flag, in CSS pixels

// timesOf are the times from which the steps that cover [start, end) begin. Each day's begin with
// the day, so that the last one before a change of the clock may be longer or shorter.
function timesOf(start, end, step) {
  const days = starts(start * 1000, end * 1000).map((t) => t / 1000);
  if (step >= 24 * HOUR) return days.filter((_, i) => i % (step / (24 * HOUR)) === 0);
  return days.flatMap((day, i) => {
    const times = [];
    for (let t = day; t < (days[i + 1] ?? end); t += step) if (t + step > start) times.push(t);
    return times;
  });
}

// at is the place of the last bucket that begins by t.
function at(buckets, t) {
  let low = 0;
  for (let high = buckets.length - 1; low < high;) {
    const middle = Math.ceil((low + high) / 2);
    if (buckets[middle].time <= t) low = middle;
    else high = middle - 1;
  }
  return low;
}

// bucketize joins rows into steps that cover [first, last) without a gap: a step without
// orders is a zero, not a hole. then are the rows of the period that is compared with.
// No step is shorter than least.
export function bucketize(rows, then, shift, from, to, now, width, field, least = HOUR) {
  const hours = rows.map((r) => Date.parse(r.metric_hour) / 1000);
  const thens = then.map((r) => shift.on(Date.parse(r.metric_hour)) / 1000);
  const end = Math.min(to, Math.max(hours.at(-1) + HOUR, Math.min(to, Math.ceil(now / HOUR) * HOUR)));
  const start = Math.max(from, Math.min(hours[0], thens[0] ?? end, end - SHORTEST));
  const step = STEPS.find((s) => s >= least && (end - start) / s * ROOM <= width) ?? STEPS.at(-1);
  const buckets = timesOf(start, end, step).map((time) => ({ time, orders: 0, revenue: 0n, then: { orders: 0, revenue: 0n } }));
  const add = (sums, r) => {
    sums.orders += r.total_orders;
    sums.revenue += format.units(r[field]);
  };
  rows.forEach((r, i) => add(buckets[at(buckets, hours[i])], r));
  then.forEach((r, i) => add(buckets[at(buckets, thens[i])].then, r));
  return { step, buckets };
}

// clipped draws within the plot.
function clipped(u, draw) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  draw(ctx, bbox);
  ctx.restore();
}

// stairs draws a series over the bars, as a line of steps with a gap where it has no value. No path builder of uPlot ends
// behind the last bar.
function stairs(u, index, step, { width = 1.5, dash = [], alpha = 1 }) {
  const [times] = u.data;
  const values = u.data[index];
  clipped(u, (ctx) => {
    ctx.beginPath();
    times.forEach((t, i) => {
      if (values[i] === null) return;
      const y = u.valToPos(values[i], "y", true);
      const x = u.valToPos(t, "x", true);
      if (i === 0 || values[i - 1] === null) ctx.moveTo(x, y);
      else ctx.lineTo(x, y);
      ctx.lineTo(u.valToPos(times[i + 1] ?? t + step, "x", true), y);
    });
    ctx.strokeStyle = u.series[index].stroke();
    ctx.globalAlpha = alpha;
    ctx.lineWidth = width * devicePixelRatio;
    ctx.setLineDash(dash.map((n) => n * devicePixelRatio));
    ctx.stroke();
  });
}

// flags marks the annotations: the time that each is about, and at the top of the upper plot the number that it has in the list.
// Its text is drawn nowhere: it may be anything.
function flags(u, annotations, numbered) {
  const px = devicePixelRatio;
  const radius = FLAG * px;
  const [tone, ink, surface] = ["--warn-bar", "--ink", "--surface"].map(color);
  const font = `600 ${11 * px}px ${getComputedStyle(document.body).fontFamily}`;
  const taken = [];
  clipped(u, (ctx, { left, top, width, height }) => {
    const [right, bottom] = [left + width, top + height];
    for (const { from, to, number } of annotations) {
      const start = Math.max(left, u.valToPos(from / 1000, "x", true));
      const end = Math.min(right, u.valToPos(to / 1000, "x", true));
      if (end <= left || start >= right) continue;
      ctx.fillStyle = tone;
      ctx.globalAlpha = 0.16;
      ctx.fillRect(start, top, Math.max(end - start, px), height);
      ctx.globalAlpha = 1;
      ctx.fillRect(start, top, px, height);
      if (!numbered) continue;
      const x = Math.min(right - radius, Math.max(left + radius, end - start < 4 * radius ? (start + end) / 2 : start + radius));
      let y = top + radius;
      while (y < bottom && taken.some((other) => Math.hypot(other.x - x, other.y - y) < 2 * radius)) y += 2 * radius;
      if (y >= bottom) continue;
      taken.push({ x, y });
      ctx.beginPath();
      ctx.arc(x, y, radius, 0, 2 * Math.PI);
      ctx.fillStyle = ink;
      ctx.fill();
      ctx.fillStyle = surface;
      ctx.font = font;
      ctx.textAlign = "center";
      ctx.textBaseline = "middle";
      ctx.fillText(String(number), x, y, 1.7 * radius);
    }
  });
}

// HoursChart draws into body and tells the bucket under the cursor in readout.
export class HoursChart extends Chart {
  constructor(body, title, readout) {
    super("Chart of orders and revenue over time", "Show the hours as a table");
    this.title = title;
    this.readout = readout;
    body.replaceChildren(this.frame, this.details);
    this.zoom = null; // of the time axis, in seconds
    // The readout speaks only to those who move through the chart by keys: it
    // changes with the data too, and under the mouse.
    this.frame.addEventListener("focus", () => readout.setAttribute("aria-live", "polite"));
    this.frame.addEventListener("blur", () => {
      readout.removeAttribute("aria-live");
      for (const plot of this.plots) plot.setCursor({ left: -10, top: -10 });
      this.point(null);
    });
  }

  // goalsOf are the goals of the buckets, as billionths; null where there is none. A bar of a part of a day has no goal.
  goalsOf(metric) {
    if (this.step % DAY !== 0) return this.buckets.map(() => null);
    return this.buckets.map(({ time }, i) => {
      const end = Math.min(this.span.to, this.buckets[i + 1]?.time ?? time + this.step);
      const days = starts(time * 1000, end * 1000).map((t) => this.notes.goal(metric, "day", dayOf(t)));
      return days.includes(null) ? null : days.reduce((sum, goal) => sum + format.units(goal.amount), 0n);
    });
  }

  // show takes an answer of the API, of which the period that is compared with may be missing, and the annotations and goals
  // (Notes) to draw, which are read again by each draw().
  show({ rows, period, previous, previous_period: before }, now, measure, notes) {
    this.notes = notes;
    this.before = before ? format.span(before.from, before.to) : "";
    this.then = previous ?? [];
    this.shift = before ? new Shift(Date.parse(before.from), Date.parse(period.from)) : null;
    this.frame.setAttribute("aria-label", `Chart of orders and revenue over time${before ? `, beside ${this.before}` : ""}. Left and right arrow keys move through it.`);
    this.field = measure.revenue;
    this.revenueTitle = measure.title;
    const covered = `${period.from} ${period.to}`;
    if (this.covered !== covered) this.zoom = null;
    this.covered = covered;
    this.rows = rows;
    this.span = { from: Date.parse(period.from) / 1000, to: Date.parse(period.to) / 1000, now: now / 1000 };
    this.draw();
    this.list();
  }

  // list shows the newest hours, or all once the reader has asked for them.
  list() {
    const lines = this.lines();
    const older = lines.length - TABLE_ROWS;
    const all = el("button", { type: "button" }, `and ${format.count(older)} older`);
    all.addEventListener("click", () => {
      this.whole = true;
      this.list();
    });
    this.tabulate(this.table(this.whole ? lines : lines.slice(0, TABLE_ROWS)), older > 0 && !this.whole ? el("div", { className: "more" }, all) : "");
  }

  draw() {
    if (!this.rows) return;
    this.width = this.frame.clientWidth || 600;
    const { from, to, now } = this.span;
    // A goal of a day is seen beside days; of a few days the hours tell more.
    const least = to - from >= DAYS_FOR_GOALS && this.notes.hasDaily() ? DAY : HOUR;
    const { step, buckets } = bucketize(this.rows, this.then, this.shift, from, to, now, this.width - 60, this.field, least);
    this.step = step;
    this.buckets = buckets;
    const hours = step / HOUR;
    this.title.textContent = `Orders and revenue per ${hours === 1 ? "hour" : hours < 24 ? `${hours} hours` : hours === 24 ? "day" : `${hours / 24} days`}`;
    const times = buckets.map((b) => b.time);
    const revenue = buckets.map((b) => Number(format.decimal(b.revenue)));
    const orders = buckets.map((b) => b.orders);
    const thenRevenue = buckets.map((b) => Number(format.decimal(b.then.revenue)));
    const thenOrders = buckets.map((b) => b.then.orders);
    this.goals = { revenue: this.goalsOf("revenue"), orders: this.goalsOf("orders") };
    const numbers = (goals) => goals.map((g) => (g === null ? null : Number(format.decimal(g))));
    const has = (goals) => goals.some((g) => g !== null);
    const shape = `${this.width} ${color("--ink")} ${this.revenueTitle} ${this.before} ${this.then.length > 0} ${has(this.goals.revenue)} ${has(this.goals.orders)}`;
    const above = [times, revenue, thenRevenue, numbers(this.goals.revenue)];
    const below = [times, orders, thenOrders, numbers(this.goals.orders)];
    // New data alone keeps the charts, so that neither cursor nor zoom is lost
    // while files stream in.
    if (this.shape === shape) {
      this.plots[0].setData(above);
      this.plots[1].setData(below);
    } else {
      this.shape = shape;
      for (const plot of this.plots) plot.destroy();
      const tall = Math.round(Math.min(420, Math.max(150, this.width * 0.155)));
      this.frame.replaceChildren(this.tip.box);
      this.plots = [
        this.plot(above, { height: tall, tone: "--accent", label: this.revenueTitle, axis: false, goal: has(this.goals.revenue), formatValue: format.shortMoney }),
        this.plot(below, { height: Math.round(tall * 0.62), tone: "--second", label: "Orders", axis: true, goal: has(this.goals.orders), formatValue: format.shortCount }),
      ];
    }
    const [upper] = this.plots;
    this.point(upper.cursor.left >= 0 ? this.under(upper) : null);
  }

  plot(data, { height, tone, label, axis, goal, formatValue }) {
    const holder = el("div", { className: "plot" },
      el("p", { className: "plot-label", vars: { tone: `var(${tone})` } }, label, this.before === "" ? ""
        : this.then.length > 0 ? el("span", { className: "then" }, this.before) : el("span", { className: "soft" }, `no orders in ${this.before}`), goal ? el("span", { className: "goal" }, "Goal") : ""));
    this.frame.append(holder);
    return new window.uPlot({
      width: this.width,
      height: height + (axis ? 28 : 0),
      padding: [10, 2, axis ? 0 : 8, 0],
      legend: { show: false },
      tzDate: onClock,
      cursor: {
        sync: { key: "hours", setSeries: false },
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false },
        bind: { dblclick: () => () => this.zoomTo(null) },
      },
      scales: {
        x: { time: true, range: () => this.zoom ?? [this.buckets[0].time - this.step * 0.3, this.buckets.at(-1).time + this.step * 1.1] },
        y: { range: (u, min, max) => [0, max > 0 ? max * 1.06 : 1] },
      },
      series: [{}, {
        stroke: color(tone), fill: color(tone), width: 0, points: { show: false },
        paths: window.uPlot.paths.bars({ size: [0.78, 44], align: 1, radius: 0.18 }),
      }, { show: this.then.length > 0, stroke: color(tone), points: { show: false }, paths: () => null }, { show: goal, stroke: color("--ink"), points: { show: false }, paths: () => null }],
      axes: axes({ showTime: axis, formatValue }),
      hooks: {
        draw: [(u) => {
          if (this.then.length > 0) stairs(u, 2, this.step, { dash: [4, 3], alpha: 0.75 });
          if (goal) stairs(u, 3, this.step, { width: 2 });
          flags(u, this.notes.annotations, !axis);
        }],
        setCursor: [(u) => { if (u.cursor.event || this.keyed) this.point(u.cursor.left < 0 ? null : this.under(u), u); }],
        setSelect: [(u) => this.select(u)],
      },
    }, data, holder);
  }

  // select zooms both charts to what was drawn over; a double click undoes it.
  select(u) {
    const { left, width } = u.select;
    if (width <= 0) return;
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.zoomTo([u.posToVal(left, "x"), u.posToVal(left + width, "x")]);
  }

  zoomTo(zoom) {
    this.zoom = zoom;
    for (const plot of this.plots) plot.setScale("x", { min: plot.data[0][0], max: plot.data[0].at(-1) });
  }

  under(u) {
    const t = u.posToVal(u.cursor.left, "x");
    return at(this.buckets, t);
  }

  // point tells a bucket, or without one the busiest; over a plot, in a tip too.
  point(index, plot = null) {
    this.index = index;
    const peak = this.buckets.reduce((best, b, i) => (b.orders > this.buckets[best].orders ? i : best), 0);
    const bucket = this.buckets[index ?? peak];
    const end = this.buckets[(index ?? peak) + 1]?.time ?? bucket.time + this.step;
    const when = this.spanOf(bucket.time * 1000, end * 1000);
    const then = this.then.length > 0 ? this.spanOf(this.shift.back(bucket.time * 1000), this.shift.back(end * 1000)) : "";
    const told = (of, at) => `${at} · ${format.money(format.decimal(of.revenue))} · ${format.count(of.orders)} orders`;
    const noted = index === null ? [] : this.notes.annotations.filter((a) => a.from < end * 1000 && a.to > bucket.time * 1000);
    const goals = index === null ? [] : [["Goal", this.goals.revenue[index], (v) => format.money(v)], ["Goal", this.goals.orders[index], (v) => `${format.count(Number(v))} orders`]].filter(([, g]) => g !== null)
      .map(([title, g, say]) => `${title} ${say(format.decimal(g))}`);
    this.readout.replaceChildren(index === null ? `Peak: ${told(bucket, when)}` : [told(bucket, when), then && told(bucket.then, then), ...goals].filter(Boolean).join("; "),
      ...noted.flatMap((a) => ["; ", name(a.text)]));
    if (index === null || plot === null) return this.tip.hide();
    const over = plot.over.getBoundingClientRect();
    const frame = this.frame.getBoundingClientRect();
    const keyed = (tone, line, className = "keyed") => el("span", { className, vars: { tone: `var(${tone})` } }, line);
    const sums = (of, className) => [keyed("--accent", `${this.revenueTitle} ${format.money(format.decimal(of.revenue))}`, className), keyed("--second", `Orders ${format.count(of.orders)}`, className)];
    this.tip.show(over.left - frame.left + plot.cursor.left, over.top - frame.top + Math.max(plot.cursor.top, 0), el("strong", {}, when), ...sums(bucket, "keyed"),
      ...(then ? [el("strong", {}, then), ...sums(bucket.then, "keyed then")] : []), ...goals.map((text) => el("span", { className: "keyed goal" }, text)),
      ...noted.map((a) => el("span", { className: "noted" }, `${a.number} `, name(a.text))));
  }

  // spanOf names a step.
  spanOf(from, to) {
    if (this.step < 24 * HOUR) return `${format.moment(from)}–${format.clock(to)}`;
    return this.step === 24 * HOUR ? format.date(from) : `${format.date(from)} – ${format.date(to - HOUR * 1000)}`;
  }

  onKey(event) {
    const index = this.buckets ? this.walk(event, this.index, this.buckets.length - 1) : null;
    if (index === null) return;
    const [plot] = this.plots;
    this.keyed = true;
    plot.setCursor({ left: plot.valToPos(this.buckets[index].time + this.step / 2, "x"), top: 10 });
    this.keyed = false;
    this.point(index, plot);
  }

  // lines are the hours of the table, newest first: those with orders, now or then.
  lines() {
    const hours = new Map(this.rows.map((r) => [Date.parse(r.metric_hour), { row: r, orders: 0, revenue: 0n }]));
    for (const r of this.then) {
      const t = this.shift.on(Date.parse(r.metric_hour));
      const line = hours.get(t) ?? { row: null, orders: 0, revenue: 0n };
      line.orders += r.total_orders;
      line.revenue += format.units(r[this.field]);
      hours.set(t, line);
    }
    return [...hours].sort(([a], [b]) => b - a);
  }

  table(lines) {
    const columns = [
      { title: "Hour", cell: (r, line, t) => format.moment(t) }, { title: "Orders", num: true, cell: (r) => format.count(r?.total_orders ?? 0) },
      { title: this.revenueTitle, num: true, cell: (r) => amount(r?.[this.field] ?? "0") },
      ...(this.then.length === 0 ? [] : [
        { title: `Orders, ${this.before}`, num: true, cell: (r, line) => format.count(line.orders) },
        { title: `${this.revenueTitle}, ${this.before}`, num: true, cell: (r, line) => amount(format.decimal(line.revenue)) },
      ]),
      { title: "Average order", num: true, wide: true, cell: (r) => amount(r?.avg_order_value ?? null) },
      { title: "Customers", num: true, wide: true, cell: (r) => format.count(r?.unique_customers ?? 0) },
      { title: "Completed", num: true, wide: true, cell: (r) => format.count(r?.completed_orders ?? 0) },
      { title: "Pending", num: true, wide: true, cell: (r) => format.count(r?.pending_orders ?? 0) },
      { title: "Refunded", num: true, wide: true, cell: (r) => format.count(r ? r.refunded_orders + r.partially_refunded_orders : 0) },
      { title: "Failed, cancelled, other", num: true, wide: true, cell: (r) => format.count(r ? r.failed_orders + r.cancelled_orders + r.other_orders : 0) },
    ];
    return table("Orders and revenue by hour, newest first", columns, lines.map(([t, line]) => ({ cells: columns.map((c) => c.cell(line.row, line, t)) })));
  }
}
