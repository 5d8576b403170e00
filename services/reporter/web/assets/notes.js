// What people have written for the overview: what happened on days, and what is to be reached.
import { chip, el, name } from "./dom.js";
import * as format from "./format.js";
import { addDays, dayOf, hourOf, startOf } from "./zone.js";

const HOUR = 3_600_000;
const MOST = 100; // annotations that are shown, the newest
const months = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });

// The figures that goals are of: as the API names them in hours and in the head figures, and how they are said.
const METRICS = [
  { metric: "revenue", hourly: "revenue", title: "Revenue", say: (text) => format.money(text) },
  { metric: "orders", hourly: "total_orders", title: "Orders", say: (text) => format.count(BigInt(text.split(".")[0])) },
];

// up is a quotient of whole numbers, rounded up.
const up = (a, b) => (a + b - 1n) / b;

// Notes are the annotations and goals of the page's period, under its filters, and the line below the chart that tells of them.
export class Notes {
  constructor(node, address, measure, now) {
    Object.assign(this, { node, address, measure, now });
    this.known = null; // the newest answer
    this.annotations = []; // as they are shown: {number, from, to, text...}, the oldest first
    this.hours = null; // the answer that has the hours of the period
    this.figures = null; // the head figures of the month
    this.open = false;
    this.list = el("ol", { id: "noted", ariaLabel: "Annotations" });
    this.button = el("button", { type: "button", className: "plain", attrs: { "aria-controls": "noted" } });
    this.button.addEventListener("click", () => {
      this.open = !this.open;
      this.tell();
    });
  }

  // days are the first and the last day of the page's period, for the API; what is no time goes as it is, to be refused.
  days() {
    const day = (text) => (text.length === 10 || Number.isNaN(Date.parse(text)) ? text : dayOf(Date.parse(text)));
    const { from, to } = this.address.period().params;
    return { from: day(from), to: day(to) };
  }

  // goal is the one that counts on a day under the page's filters, or null. The API gives those that began last first.
  goal(metric, period, day) {
    const narrowed = ["region", "state", "tier", "status"].some((filter) => this.address.get(filter) !== "");
    if (this.known === null || narrowed || (metric === "revenue" && this.measure().key !== "")) return null;
    const category = this.address.get("category");
    return this.known.goals.find((g) => g.metric === metric && g.period === period && (g.category ?? "") === category
      && g.from_date <= day && (g.until_date === null || day <= g.until_date)) ?? null;
  }

  // hasDaily tells whether a goal of a day counts on the period's last day so far.
  hasDaily() {
    const today = dayOf(this.now());
    const { to } = this.days();
    return METRICS.some(({ metric }) => this.goal(metric, "day", to < today ? to : today) !== null);
  }

  // month is the month that the period ends in, if there is a goal of it: what to ask for, and how far it is.
  month() {
    const today = dayOf(this.now());
    const { from: first, to } = this.days();
    const last = to < today ? to : today;
    if (last < first || !METRICS.some(({ metric }) => this.goal(metric, "month", last))) return null;
    const from = `${last.slice(0, 8)}01`;
    const [year, month] = from.split("-").map(Number);
    const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
    const end = addDays(from, days - 1);
    const ended = end < today;
    const category = this.address.get("category");
    return {
      last, from, days, over: ended ? days : Number(today.slice(8)) - 1,
      params: { from, to: ended ? end : today, compare: "none", ...(category ? { category } : {}) },
    };
  }

  // show takes an answer of the API.
  show(data) {
    this.known = data;
    const category = this.address.get("category");
    const { from: first, to: last } = this.days();
    const about = data.annotations.filter((a) => a.from_date <= last && a.to_date >= first && (category === "" || a.category === null || a.category === category));
    this.older = Math.max(0, about.length - MOST);
    this.annotations = about.slice(0, MOST).reverse()
      .map((a, i) => {
        const begin = a.start_hour === null ? startOf(a.from_date) : hourOf(a.from_date, a.start_hour);
        return { ...a, number: i + 1, from: begin, to: a.start_hour === null ? startOf(addDays(a.to_date, 1)) : begin + HOUR };
      });
    this.tell();
  }

  // count takes the answer that has the hours of the period.
  count(data) {
    this.hours = data;
    this.tell();
  }

  // showMonth takes the head figures, if they are those of the month.
  showMonth(data) {
    const month = this.month();
    if (!month || dayOf(Date.parse(data.period.from)) !== month.from || dayOf(Date.parse(data.period.to) - 1) !== month.params.to) return;
    this.figures = { of: JSON.stringify(month.params), head: data.rows[0] };
    this.tell();
  }

  tell() {
    if (this.known === null) return;
    const goals = METRICS.flatMap((m) => [this.daily(m), this.monthly(m)]).filter(Boolean);
    const n = this.annotations.length;
    this.button.textContent = this.older > 0 ? `The newest ${format.count(n)} of ${format.plural(n + this.older, "annotation")}` : format.plural(n, "annotation");
    this.button.setAttribute("aria-expanded", String(this.open));
    this.list.hidden = !this.open || n === 0;
    this.list.replaceChildren(...this.annotations.map((a) => this.item(a)));
    if (n === 0 && goals.length === 0) return this.node.replaceChildren("No annotations and no goals here.");
    const focused = document.activeElement === this.button;
    this.node.replaceChildren(...(n > 0 ? [this.button] : []), ...(goals.length > 0 ? [el("ul", { ariaLabel: "Goals" }, ...goals)] : []), this.list);
    if (focused) this.button.focus({ preventScroll: true });
  }

  item(a) {
    const days = a.from_date === a.to_date ? format.longDate(a.from_date) : `${format.longDate(a.from_date)} – ${format.longDate(a.to_date)}`;
    return el("li", {}, el("span", { className: "flag" }, String(a.number)),
      this.address.link({ period: "", from: a.from_date, to: a.to_date }, { title: "Show these days alone" }, a.start_hour === null ? days : `${days}, ${format.clock(a.from)}`),
      name(a.text), el("span", { className: "soft" }, ...(a.category === null ? [] : ["in ", name(a.category), ", "]), "by ", name(a.author)));
  }

  // daily tells on how many days of the period that are over the goal was reached.
  daily({ metric, hourly, title, say }) {
    if (this.hours === null) return null;
    const { rows, period } = this.hours;
    const sums = new Map();
    for (const r of rows) {
      const day = dayOf(Date.parse(r.metric_hour));
      sums.set(day, (sums.get(day) ?? 0n) + format.units(String(r[hourly])));
    }
    const today = dayOf(this.now());
    const amounts = new Set();
    let [held, reached, running] = [0, 0, null];
    for (let day = dayOf(Date.parse(period.from)); day <= today && startOf(day) < Date.parse(period.to); day = addDays(day, 1)) {
      const goal = this.goal(metric, "day", day);
      // A day of which the period has a part only is not judged.
      if (goal === null || startOf(day) < Date.parse(period.from)) continue;
      amounts.add(goal.amount);
      if (day === today) {
        running = goal;
        continue;
      }
      if (startOf(addDays(day, 1)) > Date.parse(period.to)) continue;
      held += 1;
      if ((sums.get(day) ?? 0n) >= format.units(goal.amount)) reached += 1;
    }
    if (amounts.size === 0) return null;
    const one = amounts.size === 1 ? `${title} goal, ${say([...amounts][0])} a day: ` : `${title} goals a day: `;
    if (held > 0) return el("li", {}, one, `reached on ${format.count(reached)} of ${format.plural(held, "day")}`);
    return running && el("li", {}, one, `${say(format.decimal(sums.get(today) ?? 0n))} so far today`);
  }

  // monthly tells how far the month is, and whether at this pace the goal will be reached. A day counts when it is over;
  // before the first is, there is no pace.
  monthly({ metric, title, say }) {
    const month = this.month();
    const goal = month && this.goal(metric, "month", month.last);
    if (!goal || this.figures?.of !== JSON.stringify(month.params)) return null;
    const amount = format.units(goal.amount);
    const now = format.units(String(this.figures.head[metric]));
    const missing = up(amount * BigInt(month.over), BigInt(month.days)) - now;
    const ended = month.over === month.days;
    const whole = metric === "orders" ? up(missing, 1_000_000_000n) * 1_000_000_000n : missing;
    const state = month.over === 0 ? "" : missing <= 0n ? chip(ended ? "reached" : "on track", "good") : chip(`${ended ? "missed" : "behind"} by ${say(format.decimal(whole))}`, ended ? "bad" : "warn");
    return el("li", {}, `${title} in ${months.format(new Date(`${month.from}T12:00:00Z`))}: ${say(format.decimal(now))} of ${say(goal.amount)} (${format.percent(Number(now) / Number(amount))})`,
      ended ? " " : `, ${month.over} of ${month.days} days over${month.over === 0 ? "" : " "}`, state);
  }
}
