// Who bought for the first time, who came back, and what became of the orders.
import { Address } from "./address.js";
import { Board } from "./board.js";
import { TimeChart } from "./chart.js";
import { bars, blank, chip, el, table } from "./dom.js";
import * as format from "./format.js";
import { setTile } from "./tiles.js";
import { addDays, startOf, starts } from "./zone.js";

const byId = (id) => document.getElementById(id);
const NEWEST = "1000"; // cells of the report, whose newest cohorts come first
const SHOWN = 24; // cohorts
const SERIES = [{ title: "new", tone: "--accent" }, { title: "returning", tone: "--second" }];
const months = new Intl.DateTimeFormat("en-GB", { month: "short", year: "numeric", timeZone: "UTC" });
let board = null;
const address = new Address({ standard: "31d", onChange: () => board?.restart() });

const noReport = "The figures are made each day after the shop's midnight, and on demand: reporter daily -date 2026-11-01.";
const share = (part, all) => (all > 0 ? `${format.percent(part / all)} of ${format.plural(all, "customer")}` : "no customer paid");

let report = ""; // date of the newest report, once it is known

function heads({ rows: [r] }, self) {
  const section = byId("heads");
  if (!r) return noHeads();
  if (report !== r.report_date) {
    report = r.report_date;
    self.refresh(); // the cohorts can be asked for
  }
  setTile(section, "new", { figure: format.count(r.new_customers), aside: share(r.new_customers, r.customers) });
  setTile(section, "returning", { figure: format.count(r.returning_customers), aside: share(r.returning_customers, r.customers) });
  setTile(section, "repeat", {
    figure: r.repeat_rate === null ? "–" : format.percent(r.repeat_rate),
    aside: `${format.count(r.repeat_customers)} of ${format.plural(r.ever_customers, "customer")} ever`,
  });
  setTile(section, "revenue", { figure: format.tileMoney(r.revenue), exact: format.money(r.revenue), aside: format.plural(r.orders, "paid order") });
  setTile(section, "guests", { figure: format.count(r.guest_orders), aside: format.money(r.guest_revenue) });
  section.dataset.state = "ready";
  byId("known").textContent = r.known_to === null
    ? `The newest report, of ${format.longDate(r.report_date)}, knows no day of the period.`
    : `Counted up to ${format.longDate(r.known_to)} by the newest daily report; what was loaded since counts from the next one.`;
}

function noHeads() {
  const section = byId("heads");
  for (const tile of section.children) setTile(section, tile.dataset.tile, { figure: "–", aside: "no report" });
  byId("known").textContent = "No daily report of the customers has been made yet.";
  section.dataset.state = "ready";
}

// unmade shows that there is no report yet.
const unmade = (body) => body.replaceChildren(blank("No report yet", noReport));

const STATES = { completed: "--good", partially_refunded: "--second", refunded: "--second", pending: "--warn-bar", failed: "--bad", cancelled: "--info-bar", other: "--info-bar" };
const words = (status) => status.replaceAll("_", " ");

function life(body, hint, { rows }) {
  const all = rows.reduce((n, r) => n + r.orders, 0);
  hint.textContent = all > 0 ? `${format.plural(all, "order")}, as they stand now` : "";
  if (all === 0) return body.replaceChildren(blank("No orders in this period", ""));
  body.replaceChildren(bars(rows.map((r) => ({
    label: words(r.status), value: format.count(r.orders), share: r.orders / all, tone: `var(${STATES[r.status]})`,
    under: `${format.percent(r.orders / all)}, ${format.money(r.total_revenue)} ordered`,
  }))));
}

// took is a time as finely as the report has it.
function took(seconds) {
  if (seconds < 60) return "under 1 min";
  if (seconds < 7200) return format.plural(seconds / 60, "minute");
  if (seconds < 48 * 3600) return format.plural(Math.floor(seconds / 3600), "hour");
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor((seconds % 86_400) / 3600);
  return hours > 0 && days < 30 ? `${days} d ${hours} h` : format.plural(days, "day");
}

const STEPS = [["completed", "To completion"], ["refunded", "To refund"], ["pending", "Pending so far"]];

function times(body, hint, { rows }) {
  hint.textContent = rows.length > 0 ? `by the report of ${format.longDate(rows[0].report_date)}, which has 90 days` : "";
  if (rows.length === 0) return body.replaceChildren(blank("No times", "No daily report knows of the period's orders when they were paid or paid back, or that one is pending."));
  const listed = STEPS.map(([step, title]) => [title, rows.find((r) => r.step === step)]).filter(([, r]) => r);
  const pending = rows.find((r) => r.step === "pending");
  const overdue = pending?.overdue_orders ?? null;
  body.replaceChildren(
    table("How long the steps of the orders' lives took", [{ title: "Step" }, { title: "Orders", num: true }, { title: "Half within", num: true }, { title: "Nine of ten within", num: true }],
      listed.map(([title, r]) => ({ cells: [title, format.count(r.orders), took(r.p50_seconds), took(r.p90_seconds)] }))),
    overdue === null ? "" : el("p", { className: "overdue" },
      overdue > 0 ? chip(format.plural(overdue, "order"), "warn") : chip("none", "good"), " ",
      `of ${format.plural(pending.orders, "pending order")} ${overdue === 1 ? "waits" : "wait"} for longer than usual.`));
}

// How a cohort is shown: what a cell says, how strong its ground is, and from which month on.
const VIEWS = {
  share: { title: "Came back", first: 1, text: (r) => format.percent(r.buyer_share), weight: (r) => Number(r.buyer_share), caption: "Share of each cohort's customers who paid again, by months after the first paid order" },
  value: { title: "Revenue per customer", first: 0, text: (r) => format.money(r.revenue_per_customer), weight: (r) => Number(r.revenue_per_customer), caption: "What each cohort's customers have paid so far, on average, by months after the first paid order" },
};
let view = "share";

function cohortTable(rows) {
  const { first, text, weight, caption } = VIEWS[view];
  const cohorts = new Map();
  for (const r of rows) cohorts.set(r.cohort_month, [...(cohorts.get(r.cohort_month) ?? []), r]);
  const shown = [...cohorts.values()].slice(0, SHOWN);
  const width = Math.max(...shown.map((c) => c.length));
  const most = Math.max(0, ...shown.flat().filter((r) => r.months_since >= first).map(weight));
  const cell = (r) => (r === undefined ? el("span", {}) : el("span", {
    className: "heat", title: r.is_over ? "" : "The month is not over.", data: r.is_over ? {} : { running: "" },
    vars: { mix: `${most > 0 ? Math.round((weight(r) / most) * 45) : 0}%` },
  }, text(r), r.is_over ? "" : el("span", { className: "hidden" }, " so far")));
  const after = Array.from({ length: Math.max(0, width - first) }, (_, i) => i + first);
  return table(caption, [
    { title: "First paid in" }, { title: "Customers", num: true },
    ...after.map((n) => ({ title: n === 0 ? "same month" : `${n} later`, num: true })),
  ], shown.map((c) => ({ cells: [months.format(new Date(c[0].cohort_month)), format.count(c[0].customers), ...after.map((n) => cell(c[n]))] })));
}

function cohorts(body, hint, data) {
  if (data.report !== "cohorts") return data.rows.length === 0 ? unmade(body) : undefined; // it is asked for next
  const csv = `/reports/${data.date}/cohorts.csv`;
  if (data.rows.length === 0) return body.replaceChildren(blank("No cohort yet", "No customer has paid for an order."));
  const scroll = el("div", { className: "scroll", tabIndex: 0, role: "group", ariaLabel: "Cohorts" }, cohortTable(data.rows));
  const buttons = Object.entries(VIEWS).map(([key, v]) => {
    const button = el("button", { type: "button", attrs: { "aria-pressed": String(key === view) } }, v.title);
    button.addEventListener("click", () => {
      view = key;
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      scroll.replaceChildren(cohortTable(data.rows));
    });
    return button;
  });
  body.replaceChildren(
    el("div", { className: "cohort-tools" },
      el("div", { className: "segments", role: "group", ariaLabel: "What the cells say" }, ...buttons),
      el("a", { className: "button", href: csv, download: "" }, "CSV", el("span", { className: "hidden" }, " of the cohorts"))),
    scroll);
}

board = new Board([
  {
    id: "heads", place: null, marks: ["heads", "known"], path: "customers",
    render: (body, hint, data, { board: self }) => heads(data, self),
  },
  {
    id: "by-day", path: "customers",
    render(body, hint, { rows: [r], days, period }) {
      if (days.length === 0) {
        this.chart?.close();
        this.chart = null;
        return !r ? unmade(body) : body.replaceChildren(blank("Nobody paid in this period", "As far as the report knows."));
      }
      const all = starts(Date.parse(period.from), Math.min(Date.parse(period.to), startOf(addDays(r.known_to, 1))));
      const at = new Map(days.map((d) => [startOf(d.order_date), d]));
      const found = all.map((t) => at.get(t));
      const values = [found.map((d) => d?.new_customers ?? 0), found.map((d) => d?.returning_customers ?? 0)];
      this.chart ??= new TimeChart(body, { label: "Chart of new and returning customers per day", series: SERIES, bars: true, formatValue: format.shortCount, when: (t) => format.longDate(t * 1000) });
      this.chart.show(all.map((t) => t / 1000), values, table("New and returning customers per day", [
        { title: "Day" }, { title: "New", num: true }, { title: "Returning", num: true }, { title: "Revenue of new", num: true }, { title: "Of returning", num: true }, { title: "Guest orders", num: true, wide: true },
      ], days.toReversed().map((d) => ({ cells: [format.longDate(d.order_date), format.count(d.new_customers), format.count(d.returning_customers), format.money(d.new_revenue), format.money(d.returning_revenue), format.count(d.guest_orders)] }))));
    },
  },
  { id: "life", path: "order-life", render: life },
  { id: "times", path: "order-times", render: times },
  {
    id: "cohorts", alone: true, render: cohorts,
    path: () => (report === "" ? "customers" : "reports/cohorts"),
    params: () => (report === "" ? address.params() : { date: report, limit: NEWEST }),
  },
], { params: () => address.params() });
