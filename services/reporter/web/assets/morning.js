// The digest of a day: how it went, what was noted of it, what was unusual, what and who is at risk.
import { amount } from "./amount.js";
import { bars, blank, chip, el, name, table } from "./dom.js";
import * as format from "./format.js";
import { customerLink, productLink } from "./links.js";
import { changeOf, setTile } from "./tiles.js";

const byId = (id) => document.getElementById(id);
// Days of the calendar, whatever the clock.
const noon = (date) => new Date(`${date}T12:00:00Z`);
const days = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const weekdayNames = new Intl.DateTimeFormat("en-GB", { weekday: "long", timeZone: "UTC" });
const short = (date) => days.format(noon(date));
const weekday = (date) => weekdayNames.format(noon(date));
const listed = (data, id) => data.reports.find((r) => r.report === id) !== undefined;

// The day beside the median of its weekday and the week before.
function head(data) {
  const [day, before] = data.days;
  const section = byId("yesterday");
  byId("day").replaceChildren(`${weekday(data.date)}, ${format.longDate(data.date)}`, data.complete ? "" : " ", data.complete ? "" : chip("so far", "warn"));
  const against = before ? format.longDate(before.day) : "";
  const week = (field) => (before ? changeOf(day[field], before[field], { better: 1, against, show: format.count }) : null);
  const beside = (text) => (before ? `${text} the ${weekday(before.day)} before` : "no week before it");
  const set = (id, texts) => setTile(section, id, texts);
  const expected = day?.expected_revenue ?? null;
  set("revenue", {
    figure: format.tileMoney(day?.revenue ?? null), exact: format.money(day?.revenue ?? null),
    change: expected === null ? null : changeOf(day.revenue, expected, { better: 1, against: "the median of this weekday", show: format.money }),
    aside: expected === null ? "less than 4 weeks of history" : `${format.money(expected)} is usual`,
  });
  for (const field of ["orders", "units"]) {
    set(field, { figure: day ? format.count(day[field]) : "–", change: day ? week(field) : null, aside: day ? beside(before ? format.count(before[field]) : "") : "no report of it" });
  }
  const sum = (rows, field) => format.total(rows, field);
  const stock = sum(data.stock_outs, "revenue_at_risk");
  set("stock", { figure: format.tileMoney(stock), exact: format.money(stock), aside: format.plural(data.stock_outs.length, "product") });
  const loyal = sum(data.customers, "value_at_risk");
  set("loyal", { figure: format.tileMoney(loyal), exact: format.money(loyal), aside: format.plural(data.customers.length, "customer") });
  section.dataset.state = "ready";
  health(data);
}

// One line says whether the figures can be relied on.
function health(data) {
  const [h] = data.health;
  const audit = el("a", { href: `?report=data-quality&date=${data.date}#preview` }, "the audit");
  if (!h || h.checks === 0) return byId("health").replaceChildren("The data of the day were not checked.");
  const parts = [
    h.errors > 0 ? chip(format.plural(h.errors, "error"), "bad") : chip("no error", "good"), " ",
    `${format.plural(h.warnings, "warning")} in ${format.plural(h.checks, "check")}`,
    h.findings > 0 ? `, ${format.plural(h.findings, "finding")} on the day` : "",
    h.orders_landed_later > 0 ? `; ${format.count(h.orders_landed_later)} of ${format.plural(h.orders, "order")} landed after it` : "", ": ", audit,
  ];
  byId("health").replaceChildren(...parts.filter(Boolean));
}

// goalOf says whether a figure of the day reached the shop's goal of it; of a day that is not over only how far it is.
function goalOf({ metric, title, say }, day, goals, over) {
  const goal = goals.find((g) => g.metric === metric && g.period === "day" && g.category === null); // those that began last come first
  if (!goal) return null;
  const missing = format.units(goal.amount) - format.units(String(day[metric]));
  if (!over) return el("span", {}, `${title} goal, ${say(goal.amount)}: ${say(String(day[metric]))} so far`);
  return el("span", {}, `${title} goal, ${say(goal.amount)}: `, missing <= 0n ? chip("reached", "good") : chip(`missed by ${say(format.decimal(missing))}`, "bad"));
}

const GOALS = [
  { metric: "revenue", title: "Revenue", say: (text) => format.money(text) },
  { metric: "orders", title: "Orders", say: (text) => format.count(BigInt(text.split(".")[0])) },
];
const MOST = 3; // annotations that are shown

// noted is one line of what people have written about the day: what happened, and what was to be reached.
// The answer may still be that of another day.
function noted(data, answer) {
  const [day] = data.days;
  const annotations = answer.annotations.filter((a) => a.from_date <= data.date && data.date <= a.to_date);
  const goals = answer.goals.filter((g) => g.from_date <= data.date && (g.until_date === null || data.date <= g.until_date));
  const overview = `/?${new URLSearchParams({ from: data.date, to: data.date })}`;
  const rest = annotations.length - MOST;
  const parts = [
    ...annotations.slice(0, MOST).map((a) => el("a", { href: overview }, name(a.text))),
    rest > 0 ? el("a", { href: overview }, `and ${format.count(rest)} more`) : null,
    ...(day?.day === data.date ? GOALS.map((g) => goalOf(g, day, goals, data.complete)) : []),
  ].filter(Boolean);
  if (parts.length === 0) parts.push("No annotations and no goals of this day.");
  byId("noted").replaceChildren(...parts.flatMap((part, i) => (i === 0 ? [part] : [" · ", part])));
}

function weekdays(body, hint, data) {
  if (data.days.length === 0) return body.replaceChildren(blank("No figures", "The trends of this day were not made."));
  hint.textContent = weekday(data.date);
  body.replaceChildren(table("The day and the same weekday before", [{ title: "Day" }, { title: "Orders", num: true }, { title: "Revenue", num: true }],
    data.days.map((d) => ({ cells: [short(d.day), format.count(d.orders), amount(d.revenue)] }))));
}

const series = (level, region, category) => ({ total: "All orders", region, category, region_category: `${category}, ${region}` })[level];

// A cause with the series that it moves.
function cause(rows) {
  const [first] = rows;
  const most = Math.max(...rows.map((r) => Math.abs(Number(r.difference))));
  const title = first.cause_level === "total" ? "The shop as a whole" : series(first.cause_level, first.cause_region, first.cause_category);
  const shown = rows.slice(0, 4);
  return el("article", { className: "cause" },
    el("h3", {}, name(title), chip(first.anomaly === "high" ? "more than usual" : "less than usual", first.anomaly === "high" ? "good" : "bad")),
    bars(shown.map((r) => ({
      label: name(series(r.level, r.region, r.category)), value: el("span", {}, Number(r.difference) > 0 ? "+" : "", amount(r.difference)),
      share: most === 0 ? 0 : Math.abs(Number(r.difference)) / most, under: `${format.money(r.revenue)}, ${format.money(r.expected_revenue)} is usual`,
    }))),
    rows.length > shown.length ? el("p", { className: "soft small" }, `and ${format.count(rows.length - shown.length)} more series`) : null);
}

function anomalies(body, hint, data) {
  const causes = new Map();
  for (const r of data.anomalies) {
    const key = JSON.stringify([r.anomaly, r.cause_level, r.cause_region, r.cause_category]);
    causes.set(key, [...(causes.get(key) ?? []), r]);
  }
  hint.textContent = causes.size > 0 ? format.plural(causes.size, "cause") : "";
  if (causes.size === 0) {
    const known = (data.days[0]?.expected_revenue ?? null) !== null;
    return body.replaceChildren(known ? blank("Nothing was", "All series were as on this weekday before.", "✓") : blank("Not known yet", "It needs 4 weeks of history."));
  }
  body.replaceChildren(el("div", { className: "scroll causes", tabIndex: 0, role: "group", ariaLabel: "What was unusual, by cause" }, ...[...causes.values()].map(cause)));
}

function stockOuts(body, hint, data) {
  if (data.stock_outs.length === 0) return body.replaceChildren(listed(data, "inventory-alerts") ? blank("Nothing runs out", "All stock covers the next two weeks.", "✓") : blank("Not known", "The report was not made for this day."));
  body.replaceChildren(table("Products that run out, by revenue at risk", [{ title: "Product" }, { title: "Left", num: true }, { title: "A day", num: true, wide: true }, { title: "Out on", num: true }, { title: "At risk", num: true }],
    data.stock_outs.map((r) => ({
      cells: [productLink(r.product_id, r.product_name ?? r.product_id), format.count(Math.max(0, r.stock_left)), format.rounded(r.forecast_per_day ?? r.demand_per_day),
        r.alert === "out_of_stock" ? chip("out", "bad") : short(r.stock_out_date), amount(r.revenue_at_risk)],
    }))));
}

function customers(body, hint, data) {
  if (data.customers.length === 0) return body.replaceChildren(listed(data, "churn-risk") ? blank("Nobody is overdue", "All who came back once order as they did.", "✓") : blank("Not known", "The report was not made for this day."));
  body.replaceChildren(table("Customers who may be gone, by value at risk", [{ title: "Customer" }, { title: "Orders", num: true, wide: true }, { title: "Days silent", num: true }, { title: "Gone", num: true }, { title: "At risk", num: true }],
    data.customers.map((r) => ({
      cells: [customerLink(r.customer_id, r.customer_name ?? r.customer_id), format.count(r.orders), format.count(r.days_since_last_order), format.percent(r.risk_score), amount(r.value_at_risk)],
    }))));
}

const noReports = (body) => body.replaceChildren(blank("No reports yet", "They are made each day after the shop's midnight, and on demand: reporter daily -date 2026-11-01."));

function noDay() {
  const section = byId("yesterday");
  for (const tile of section.children) setTile(section, tile.dataset.tile, { figure: "–", aside: "no report" });
  byId("health").replaceChildren();
  section.dataset.state = "ready";
}

// morningPanels are the panels of the digest. ask gives what is to be asked for: the digest, or the list of days until it
// is known that there are some; told hears of each digest.
export function morningPanels(ask, told) {
  const path = () => ask().path;
  const params = () => ask().params;
  const failed = (show) => (error, body) => {
    if (error.status !== 404) return false;
    show(body);
    return true;
  };
  const isDigest = (data) => data.days !== undefined;
  let digest = null; // the newest, which says of which day notes are asked for
  let written = null; // the newest notes
  const panel = (id, rows, draw) => ({
    id, rows, path, params, fail: failed(noReports),
    render(body, hint, data) {
      if (isDigest(data)) draw(body, hint, data);
      else if (data.rows.length === 0) noReports(body);
    },
  });
  return [
    {
      id: "yesterday", place: null, marks: ["yesterday", "health"], path, params, fail: failed(noDay),
      render(body, hint, data) {
        if (!isDigest(data)) return data.rows.length === 0 && noDay();
        digest = data;
        head(data);
        if (written !== null) noted(digest, written);
        told(data);
      },
    },
    {
      id: "noted", place: null, marks: ["noted"],
      path: () => (digest === null ? path() : "notes"),
      params: () => (digest === null ? params() : { from: digest.date, to: digest.date }),
      fail: failed(() => byId("noted").replaceChildren()),
      render(body, hint, data) {
        if (!data.annotations) return;
        written = data;
        noted(digest, written);
      },
    },
    panel("weekdays", (data) => data.days, weekdays), panel("anomalies", (data) => data.anomalies, anomalies),
    panel("stock-outs", (data) => data.stock_outs, stockOuts), panel("customers", (data) => data.customers, customers),
  ];
}
