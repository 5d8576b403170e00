// One product: what was sold of it and when, in which orders, and how long the stock lasts.
import { Address } from "./address.js";
import { Board } from "./board.js";
import { TimeChart } from "./chart.js";
import { blank, chip, el, name, table } from "./dom.js";
import * as format from "./format.js";
import { idOf, orderLink } from "./links.js";
import { Growing, replaceKeepingFocus } from "./more.js";
import { statusName } from "./measure.js";
import { setTile } from "./tiles.js";
import { dayOf, startOf, starts } from "./zone.js";

const byId = (id) => document.getElementById(id);
const productID = idOf();
const growing = new Growing(20, 80);
let board = null;
const address = new Address({ onChange: () => {
  growing.reset();
  board?.redraw();
} });
const whole = { path: `products/${encodeURIComponent(productID)}`, params: () => ({ limit: String(growing.limit) }) };
const SEVERITIES = { critical: "bad", warning: "warn" };
const count = (n) => (n === null ? "–" : format.count(n));

function head({ product: [p], stock: [s] }) {
  byId("product-name").replaceChildren(name(p.product_name ?? p.product_id));
  document.title = `${p.product_name ?? p.product_id} · Order pipeline`;
  const category = p.category === null ? "" : el("a", { href: `/?${new URLSearchParams({ category: p.category, ...address.period().params })}` }, name(p.category));
  byId("about").replaceChildren(...["Product ", name(p.product_id, "name mono"), category && ", category ", category,
    p.is_active === false ? " " : "", p.is_active === false ? chip("not active", "warn") : "", p.price === null ? " " : "", p.price === null ? chip("in no catalog", "warn") : ""].filter(Boolean));
  const section = byId("product");
  const set = (id, texts) => setTile(section, id, texts);
  set("revenue", { figure: format.tileMoney(p.revenue), exact: format.money(p.revenue), aside: `paid, of ${format.money(p.total_revenue)} ordered` });
  set("units", { figure: format.count(p.units), aside: `in ${format.plural(p.order_lines, "order line")}` });
  set("price", { figure: format.money(p.price), aside: p.price === null ? "in no catalog" : "list price" });
  const left = s?.stock_left ?? null;
  set("left", { figure: count(left === null ? p.stock_level : Math.max(0, left)), aside: left !== null ? `left on ${format.longDate(s.report_date)}` : p.stock_level === null ? "no catalog says" : "as the catalog states" });
  set("out", { figure: s?.stock_out_date ? format.longDate(s.stock_out_date) : "–", aside: s?.stock_out_date ? `${format.money(s.revenue_at_risk)} at risk` : s ? "does not run short" : "no report" });
  section.dataset.state = "ready";
}

function missing() {
  byId("product-name").textContent = "No such product";
  byId("about").replaceChildren("No catalog names it, and nothing of it was ordered in this period.");
  for (const tile of byId("product").children) setTile(byId("product"), tile.dataset.tile, { figure: "–" });
  byId("product").dataset.state = "ready";
}
// unknown deals with a product that there is not.
const unknown = (show) => (error, body) => {
  if (error.status !== 404) return false;
  show(body);
  return true;
};
const nothing = (body) => body.replaceChildren(blank("Nothing", "There is no such product in this period."));

board = new Board([
  { ...whole, place: null, marks: ["product"], render: (body, hint, data) => head(data), fail: unknown(missing) },
  {
    ...whole,
    id: "days",
    rows: (data) => data.days,
    close() {
      this.chart?.close();
      this.chart = null;
    },
    render(body, hint, { days, period }) {
      hint.textContent = days.length > 0 ? `paid, by day; ${format.plural(days.length, "day")} with orders` : "";
      if (days.length === 0) {
        this.close();
        return body.replaceChildren(blank("Nothing was ordered in this period", "A wider period may hold some."));
      }
      this.chart ??= new TimeChart(body, {
        label: "Chart of the revenue by day", series: [{ title: "Revenue", tone: "--accent" }], bars: true,
        formatValue: format.shortMoney, when: (t) => format.longDate(t * 1000),
      });
      const sold = new Map(days.map((d) => [d.order_date, d]));
      const times = starts(Date.parse(period.from), Date.parse(period.to));
      const revenue = times.map((t) => sold.get(dayOf(t))?.revenue ?? "0");
      this.chart.show(times.map((t) => t / 1000), [revenue.map(Number)], table("Sales by day, newest first", [
        { title: "Day" }, { title: "Order lines", num: true }, { title: "Units", num: true }, { title: "Revenue", num: true }, { title: "Ordered", num: true, wide: true },
      ], days.toReversed().map((d) => ({
        cells: [format.longDate(startOf(d.order_date)), format.count(d.order_lines), format.count(d.units), format.money(d.revenue), format.money(d.total_revenue)],
      }))), [revenue.map(format.money)]);
    },
    fail(error, body) {
      if (error.status !== 404) return false;
      this.close();
      nothing(body);
      return true;
    },
  },
  {
    ...whole,
    id: "stock",
    rows: (data) => data.stock,
    render(body, hint, { product: [p], stock: [s] }) {
      hint.replaceChildren(...(s ? [el("a", { href: `/reports?report=inventory-alerts&date=${s.report_date}#preview` }, `report of ${format.longDate(s.report_date)}`)] : []));
      if (!s) return body.replaceChildren(blank("Not known yet", "No inventory report has been made."));
      if (s.alert === null) return body.replaceChildren(blank("Does not run short", p.stock_level === null ? "No catalog states its stock." : `The catalog states ${format.plural(p.stock_level, "unit")}.`, "✓"));
      const fact = (title, value) => el("div", {}, el("dt", {}, title), el("dd", {}, value));
      body.replaceChildren(el("p", {}, chip(s.alert.replaceAll("_", " "), SEVERITIES[s.severity])), el("dl", { className: "facts wide" },
        fact("Stated by the catalog", count(s.stock_level)), fact("Left", count(s.stock_left)), fact("Sold in 28 days", count(s.units_28d)),
        fact("Demand a day", s.demand_per_day === null ? "–" : format.rounded(s.forecast_per_day ?? s.demand_per_day)), fact("Days of cover", s.days_of_cover === null ? "–" : format.rounded(s.days_of_cover)),
        fact("Runs out", s.stock_out_date === null ? "–" : format.longDate(s.stock_out_date)), fact("Revenue at risk", format.money(s.revenue_at_risk))));
    },
    fail: unknown(nothing),
  },
  {
    ...whole,
    id: "orders",
    render(body, hint, data, { board: self }) {
      if (data.rows.length === 0) return body.replaceChildren(blank("No orders in this period"));
      replaceKeepingFocus(body, el("div", { className: "scroll" }, table("Orders with the product, newest first", [
        { title: "Order" }, { title: "Placed", wide: true }, { title: "Status" }, { title: "Units", num: true }, { title: "Amount", num: true },
      ], data.rows.map((r) => ({
        cells: [orderLink(r.order_id), format.moment(r.order_timestamp), el("bdi", {}, statusName(r.payment_status)), format.count(r.units), format.money(r.total_revenue)],
      })))), growing.button(data, "Show older orders", self, "Choose an earlier period to see others."));
    },
    fail: unknown(nothing),
  },
], { params: () => address.params() });
