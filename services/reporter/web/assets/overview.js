// The overview: what was ordered, by hour, category, product, tier and place.
import { Address } from "./address.js";
import { amount } from "./amount.js";
import { Board } from "./board.js";
import { showBridge } from "./bridge.js";
import { compared } from "./compare.js";
import { command } from "./copy.js";
import { bars, blank, el, name } from "./dom.js";
import * as format from "./format.js";
import { HoursChart } from "./hours.js";
import { productPath } from "./links.js";
import { measureOf } from "./measure.js";
import { Growing, replaceKeepingFocus } from "./more.js";
import { Notes } from "./notes.js";
import { now } from "./shell.js";
import { Tiles } from "./tiles.js";
import { stateOptions, UsMap, renderPlaces } from "./usmap.js";
import { addDays, dayOf } from "./zone.js";

const byId = (id) => document.getElementById(id);
const share = (part, whole) => (Number(whole) > 0 ? Number(part) / Number(whole) : 0);
const noOrders = () => blank("No orders in this period", "A wider period or fewer filters may hold some.");
const MOST = 1000; // the API's limit
const growing = { categories: new Growing(8, 100, MOST), products: new Growing(10, 100, MOST), tiers: new Growing(8, 100, MOST) };
// sized asks for as much of a ranked list as is shown.
const sized = (list) => () => ({ ...ranked(), limit: String(list.limit) });
// rest is the amount of the rows that a list does not show.
const rest = (data, field) => format.decimal(format.units(data.totals[0][field]) - format.units(format.total(data.rows, field)));

document.getElementById("filters").elements.state.append(...stateOptions());
const tiles = new Tiles(byId("summary"), now);
let board = null;
const address = new Address({ names: ["category", "region", "state", "tier", "status"], choices: ["compare"], standard: "7d", onChange: () => {
  showMeasure();
  for (const list of Object.values(growing)) list.reset();
  board?.redraw();
} });

const measure = () => measureOf(address);
const ranked = () => ({ rank_by: measure().revenue });
// The API's word for the period before stands for no word.
if (address.get("compare") === "previous") address.set({ compare: "" }, { replace: true });
// The words of the comparison are the API's; without one it takes the period before.
const compare = () => (address.get("compare") ? { compare: address.get("compare") } : {});
const notes = new Notes(byId("notes"), address, measure, now);
// All places: the map must not lack a state.
const places = () => ({ ...ranked(), limit: String(MOST) });

// The link to what was known earlier keeps period and filters.
function showThen() {
  const query = address.with({ compare: "", revenue: "" });
  byId("then").href = `/as-of${query.startsWith("?") ? query : ""}`;
}

function showMeasure() {
  showThen();
  for (const radio of document.querySelectorAll("#revenue input")) radio.checked = radio.value === (address.get("revenue") === "all" ? "all" : "paid");
  byId("revenue").hidden = address.get("status") !== "";
}
byId("revenue").addEventListener("change", (event) => {
  event.stopPropagation();
  address.set({ revenue: event.target.value === "all" ? "all" : "" });
});
showMeasure();

// elsewhere says where the data is when the period holds none.
function elsewhere() {
  if (newest === null) {
    const box = blank("No orders yet", "They appear here within a second of a file's landing in landing/orders/, for instance by:");
    box.append(command("go run ./services/pipelinectl upload orders.json"));
    return box;
  }
  const box = blank("No orders match", `The newest order of all is of ${format.longDate(newest)}.`);
  const end = dayOf(Date.parse(newest));
  const button = el("button", { type: "button" }, "Show the week that ends with it");
  button.addEventListener("click", () => address.set({ period: "", from: addDays(end, -6), to: end }));
  box.append(button);
  return box;
}

let newest; // the hour of the newest order of all, or null; undefined until the summary has come

// showElsewhere puts that into the empty panel of the hours, whichever answer comes last.
function showElsewhere() {
  const { dataset } = byId("hours");
  const empty = document.querySelector("#hours > .body > .blank");
  if (empty && newest !== undefined && dataset.state !== "error") empty.replaceWith(elsewhere());
}

// The month's figures for its goal; without one it asks what the tiles ask, which is no other question.
const ofMonth = {
  place: null,
  alone: true,
  aside: true,
  path: "summary",
  params: () => notes.month()?.params ?? { ...address.params(), ...compare() },
  render: (body, hint, data) => notes.showMonth(data),
  fail: () => true,
};

const panels = [
  {
    place: null,
    marks: ["summary", "compared", "bridge"],
    path: "summary",
    params: compare,
    render(body, hint, data) {
      tiles.show(data, measure());
      byId("compared").textContent = compared(data, address.get("compare"));
      showBridge(byId("bridge"), data.rows[0], address);
      newest = data.rows[0].newest_order_hour;
      showElsewhere();
    },
    fail: () => tiles.fail(),
  },
  {
    place: null,
    alone: true,
    path: "filter-values",
    params: () => ({ ...address.period().params, limit: String(MOST) }),
    render(body, hint, { rows }) {
      for (const filter of ["category", "region", "tier"]) address.offer(filter, rows.filter((r) => r.filter === filter).map((r) => r.value));
    },
  },
  {
    id: "hours",
    path: "orders-per-hour",
    params: compare,
    render(body, hint, data) {
      notes.count(data);
      if (data.rows.length === 0) {
        this.chart?.close();
        this.chart = null;
        hint.textContent = "";
        body.replaceChildren(noOrders());
        return showElsewhere();
      }
      this.chart ??= new HoursChart(body, byId("hours-title"), hint);
      this.chart.show(data, now(), measure(), notes);
    },
  },
  {
    place: null,
    marks: ["notes"],
    alone: true,
    interval: 60_000,
    path: "notes",
    params: () => notes.days(),
    render(body, hint, data, { board: self }) {
      notes.show(data);
      panels.find((p) => p.id === "hours").chart?.draw();
      if (notes.month()) self.look(ofMonth);
    },
    // What a warehouse of an earlier release does not have is missing without a word.
    fail: () => !notes.known,
  },
  ofMonth,
  {
    id: "categories",
    path: "category-revenue",
    params: sized(growing.categories),
    render(body, hint, data, { board: self }) {
      const { rows, totals: [all] } = data;
      hint.textContent = rows.length > 0 ? format.plural(all.entries, "category", "categories") : "";
      if (rows.length === 0) return body.replaceChildren(noOrders());
      const field = measure().revenue;
      const most = rows[0][field];
      const value = (v) => el("span", {}, amount(v, format.roundMoney), el("span", { className: "soft" }, format.percent(share(v, all[field]))));
      const others = growing.categories.others(data, self);
      replaceKeepingFocus(body, bars([...rows.map((r) => ({
        label: address.link({ category: r.category }, {}, name(r.category)),
        title: r.category,
        value: value(r[field]),
        share: share(r[field], most),
        under: `${format.plural(r.orders, "order")} · ${format.plural(r.units, "unit")}`,
      })), ...(others ? [{ others: true, label: others, value: value(rest(data, field)), share: share(rest(data, field), most) }] : [])]));
    },
  },
  {
    id: "products",
    path: "top-products",
    params: sized(growing.products),
    render(body, hint, data, { board: self }) {
      const { rows, totals: [all] } = data;
      hint.textContent = rows.length > 0 ? `by revenue, of ${format.count(all.entries)}` : "by revenue";
      if (rows.length === 0) return body.replaceChildren(noOrders());
      const field = measure().revenue;
      const others = growing.products.others(data, self);
      replaceKeepingFocus(body, bars([...rows.map((r) => ({
        label: el("span", {}, el("a", { href: productPath(r.product_id, address.periodQuery()) }, name(r.product_name ?? r.product_id)), el("span", { className: "soft" }, format.plural(r.units, "unit"))),
        title: `${r.product_name ?? "Unknown product"} (${r.product_id}), ${r.category}`,
        value: amount(r[field], format.roundMoney),
        share: share(r[field], rows[0][field]),
      })), ...(others ? [{ others: true, label: others, value: amount(rest(data, field), format.roundMoney), share: 0 }] : [])], { ranked: true }));
    },
  },
  {
    id: "tiers",
    path: "aov-by-tier",
    params: sized(growing.tiers),
    render(body, hint, data, { board: self }) {
      const { rows, totals: [all] } = data;
      hint.textContent = rows.length > 0 ? format.plural(all.entries, "tier") : "";
      if (rows.length === 0) return body.replaceChildren(noOrders());
      const { revenue, average, orders } = measure();
      const most = Math.max(...rows.map((r) => Number(r[average] ?? 0)));
      const mean = Number(all[revenue]) / Math.max(1, all[orders]);
      // The averages lie close together: the distance from the mean tells more.
      const besides = (v) => (v === null || mean === 0 || rows.length === 1 ? null : el("span", { className: "soft" }, format.signedPercent(Number(v) / mean - 1)));
      const others = growing.tiers.others(data, self);
      replaceKeepingFocus(body, bars([...rows.map((r) => ({
        label: address.link({ tier: r.customer_tier }, {}, name(r.customer_tier)),
        title: r.customer_tier,
        value: el("span", { title: "Compared with the average of all tiers" }, amount(r[average]), besides(r[average])),
        share: share(r[average] ?? 0, most),
        under: `${format.plural(r.orders, "order")} (${format.percent(share(r.orders, all.orders))}) · ${format.plural(r.customers, "customer")}`,
        tone: "var(--second)",
      })), ...(others ? [{ others: true, label: others, value: "", share: 0 }] : [])]));
    },
  },
  {
    id: "map",
    path: "geography",
    params: places,
    render(body, hint, data) {
      this.map ??= new UsMap(body, address);
      this.map.show(data, measure().revenue);
      hint.textContent = `${measure().of}, where they ship to`;
    },
  },
  {
    id: "countries",
    path: "geography",
    params: places,
    render: (body, hint, data) => renderPlaces(body, data, measure().revenue, address),
  },
];

board = new Board(panels, { params: () => address.params() });
