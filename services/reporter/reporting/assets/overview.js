// The overview: what was ordered, by hour, category, product, tier and place.
import { Address } from "./address.js";
import { Board } from "./board.js";
import { bars, blank, el, name } from "./dom.js";
import * as format from "./format.js";
import { HoursChart } from "./hours.js";
import { now } from "./shell.js";
import { Tiles } from "./tiles.js";
import { UsMap, renderPlaces } from "./usmap.js";

const byId = (id) => document.getElementById(id);
const share = (part, whole) => (Number(whole) > 0 ? Number(part) / Number(whole) : 0);
const noOrders = () => blank("No orders in this period", "A wider period or fewer filters may hold some.");
const LISTED = 8;

const tiles = new Tiles(byId("summary"), now);
let board = null;
const address = new Address({ names: ["category", "region", "tier", "status"], onChange: () => {
  showRevenue();
  board?.redraw();
} });

// The revenue of all orders, or of the completed ones; it decides the ranks too.
const completedOnly = () => address.get("revenue") === "completed";
const revenueField = () => (completedOnly() ? "completed_revenue" : "revenue");
const ranked = () => ({ rank_by: revenueField() });
// All places: the map must not lack a state, and the shares are of the sum.
const places = () => ({ ...ranked(), limit: "1000" });

function showRevenue() {
  const value = completedOnly() ? "completed" : "all";
  for (const radio of document.querySelectorAll("#revenue input")) radio.checked = radio.value === value;
}
byId("revenue").addEventListener("change", (event) => {
  event.stopPropagation();
  address.set({ revenue: event.target.value === "completed" ? "completed" : "" });
});
showRevenue();

// hintElsewhere says where the data is when the period holds none.
function hintElsewhere(summary) {
  const notice = byId("notice");
  const { orders, newest_order_hour: newest } = summary.rows[0];
  delete notice.dataset.kind;
  notice.hidden = orders > 0;
  if (orders > 0) return;
  if (newest === null) {
    notice.textContent = "No orders yet. They appear here within a second of a file's landing in landing/orders/.";
    return;
  }
  const day = 86_400_000;
  const end = Math.floor(Date.parse(newest) / day) * day;
  const iso = (t) => new Date(t).toISOString().slice(0, 10);
  const button = el("button", { type: "button" }, "Show the week that ends with it");
  button.addEventListener("click", () => address.set({ period: "", from: iso(end - 6 * day), to: iso(end) }));
  notice.replaceChildren(`No orders match. The newest order of all is of ${format.longDate(newest)}. `, button);
}

const panels = [
  {
    place: null,
    path: "summary",
    render(body, hint, data) {
      tiles.show(data, completedOnly());
      hintElsewhere(data);
    },
    fail(error) {
      tiles.fail();
      const notice = byId("notice");
      notice.dataset.kind = "error";
      notice.textContent = `${error.message} The page tries again by itself.`;
      notice.hidden = false;
    },
  },
  {
    place: null,
    alone: true,
    path: "filter-values",
    params: () => address.period().params,
    render(body, hint, { rows }) {
      for (const filter of ["category", "region", "tier"]) address.offer(filter, rows.filter((r) => r.filter === filter).map((r) => r.value));
    },
  },
  {
    id: "hours",
    path: "orders-per-hour",
    render(body, hint, data) {
      if (data.rows.length === 0) {
        this.chart?.close();
        this.chart = null;
        hint.textContent = "";
        body.replaceChildren(noOrders());
        return;
      }
      this.chart ??= new HoursChart(body, byId("hours-title"), hint);
      this.chart.show(data.rows, data.period, now(), completedOnly());
    },
  },
  {
    id: "categories",
    path: "category-revenue",
    params: ranked,
    render(body, hint, { rows }) {
      hint.textContent = rows.length > 0 ? format.plural(rows.length, "category", "categories") : "";
      if (rows.length === 0) return body.replaceChildren(noOrders());
      const field = revenueField();
      const all = format.total(rows, field);
      const most = rows[0][field];
      body.replaceChildren(bars(rows.slice(0, LISTED).map((r) => ({
        label: name(r.category),
        title: r.category,
        value: el("span", {}, format.roundMoney(r[field]), el("span", { className: "soft" }, format.percent(share(r[field], all)))),
        share: share(r[field], most),
        under: `${format.plural(r.orders, "order")} · ${format.plural(r.units, "unit")}`,
      }))), rows.length > LISTED ? el("p", { className: "hint" }, `and ${rows.length - LISTED} more`) : "");
    },
  },
  {
    id: "products",
    path: "top-products",
    params: ranked,
    render(body, hint, { rows }) {
      if (rows.length === 0) return body.replaceChildren(noOrders());
      const field = revenueField();
      body.replaceChildren(bars(rows.map((r) => ({
        label: el("span", {}, name(r.product_name ?? r.product_id), el("span", { className: "soft" }, format.plural(r.units, "unit"))),
        title: `${r.product_name ?? "Unknown product"} (${r.product_id}), ${r.category}`,
        value: format.roundMoney(r[field]),
        share: share(r[field], rows[0][field]),
      })), { ranked: true }));
    },
  },
  {
    id: "tiers",
    path: "aov-by-tier",
    params: ranked,
    render(body, hint, { rows }) {
      hint.textContent = rows.length > 0 ? format.plural(rows.length, "tier") : "";
      if (rows.length === 0) return body.replaceChildren(noOrders());
      const field = completedOnly() ? "completed_avg_order_value" : "avg_order_value";
      const orders = rows.reduce((n, r) => n + r.orders, 0);
      const most = Math.max(...rows.map((r) => Number(r[field] ?? 0)));
      const [count, amount] = completedOnly() ? ["completed_orders", "completed_revenue"] : ["orders", "revenue"];
      const mean = Number(format.total(rows, amount)) / Math.max(1, rows.reduce((n, r) => n + r[count], 0));
      // The averages lie close together: the distance from the mean tells more.
      const besides = (v) => (v === null || mean === 0 || rows.length === 1 ? null : el("span", { className: "soft" }, format.signedPercent(Number(v) / mean - 1)));
      body.replaceChildren(bars(rows.slice(0, LISTED).map((r) => ({
        label: name(r.customer_tier),
        title: r.customer_tier,
        value: el("span", { title: "Compared with the average of all tiers" }, format.money(r[field]), besides(r[field])),
        share: share(r[field] ?? 0, most),
        under: `${format.plural(r.orders, "order")} (${format.percent(share(r.orders, orders))}) · ${format.plural(r.customers, "customer")}`,
        tone: "var(--second)",
      }))));
    },
  },
  {
    id: "map",
    path: "geography",
    params: places,
    render(body, hint, { rows }) {
      this.map ??= new UsMap(body);
      this.map.show(rows, revenueField());
      hint.textContent = completedOnly() ? "of completed orders, where they ship to" : "of all orders, where they ship to";
    },
  },
  {
    id: "countries",
    path: "geography",
    params: places,
    render: (body, hint, { rows }) => renderPlaces(body, rows, revenueField()),
  },
];

board = new Board(panels, { params: () => address.params() });
