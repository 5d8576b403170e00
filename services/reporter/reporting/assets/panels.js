// What each panel makes of its dataset.
import { bars, blank, chip, el, name, table } from "./dom.js";
import * as format from "./format.js";
import { HoursChart } from "./hours.js";
import { renderPlaces } from "./places.js";

const share = (part, whole) => (Number(whole) > 0 ? Number(part) / Number(whole) : 0);
const total = (rows, field) => format.decimal(rows.reduce((sum, r) => sum + format.units(r[field]), 0n));
const plural = (n, one, many = `${one}s`) => `${format.count(n)} ${n === 1 ? one : many}`;
const MORE_FILES = 25;
const MOST_FILES = 500; // the API's limit
const noOrders = () => blank("No orders in this period");

// panels by the id of their section: the dataset's path, more parameters, and
// render(body, hint, data, context). Context: {now, fresh, refresh}.
export const panels = {
  hours: {
    path: "orders-per-hour",
    render(body, hint, data, { now }) {
      if (data.rows.length === 0) {
        this.chart = null;
        hint.textContent = "";
        body.replaceChildren(noOrders());
        return;
      }
      this.chart ??= new HoursChart(body, document.getElementById("hours-title"), hint);
      this.chart.show(data.rows, data.period, now());
    },
  },

  categories: {
    path: "category-revenue",
    render(body, hint, { rows }) {
      if (rows.length === 0) return body.replaceChildren(noOrders());
      const all = total(rows, "revenue");
      hint.textContent = plural(rows.length, "category", "categories");
      const most = rows[0].revenue;
      body.replaceChildren(bars(rows.slice(0, 8).map((r) => ({
        label: name(r.category, "name"),
        title: r.category,
        value: el("span", {}, format.roundMoney(r.revenue), el("span", { className: "soft" }, format.percent(share(r.revenue, all)))),
        share: share(r.revenue, most),
        under: `${plural(r.orders, "order")} · ${plural(r.units, "unit")}`,
      }))));
    },
  },

  products: {
    path: "top-products",
    render(body, hint, { rows }) {
      if (rows.length === 0) return body.replaceChildren(noOrders());
      const most = rows[0].revenue;
      body.replaceChildren(bars(rows.map((r) => ({
        label: el("span", {}, name(r.product_name ?? r.product_id), el("span", { className: "soft" }, plural(r.units, "unit"))),
        title: `${r.product_name ?? "Unknown product"} (${r.product_id}), ${r.category}`,
        value: format.roundMoney(r.revenue),
        share: share(r.revenue, most),
      })), { ranked: true }));
    },
  },

  tiers: {
    path: "aov-by-tier",
    render(body, hint, { rows }) {
      if (rows.length === 0) return body.replaceChildren(noOrders());
      const most = rows[0].avg_order_value;
      const orders = rows.reduce((n, r) => n + r.orders, 0);
      hint.textContent = plural(rows.length, "tier");
      body.replaceChildren(bars(rows.slice(0, 8).map((r) => ({
        label: name(r.customer_tier),
        title: r.customer_tier,
        value: format.money(r.avg_order_value),
        share: share(r.avg_order_value, most),
        under: `${plural(r.orders, "order")} (${format.percent(share(r.orders, orders))}) · ${plural(r.customers, "customer")}`,
        tone: "var(--second)",
      }))));
    },
  },

  geography: { path: "geography", render: (body, hint, data) => renderPlaces(body, data) },

  files: {
    path: "files",
    params: { limit: "8" },
    render(body, hint, data, context) {
      if (data.rows.length === 0) {
        hint.textContent = "";
        return body.replaceChildren(blank("No files yet", "Upload one to landing/orders/, landing/products/ or landing/customers/."));
      }
      hint.textContent = "newest first";
      // A button under the finger stays where it is, and keeps its focus.
      const focused = document.activeElement?.closest("#files .more") !== null;
      body.replaceChildren(el("div", { className: "scroll" }, filesTable(data.rows, context.fresh)));
      if (!data.next_page_token || Number(this.params.limit) >= MOST_FILES) return;
      const more = older(this.params, context.refresh);
      body.append(more);
      if (focused) more.firstElementChild.focus({ preventScroll: true });
    },
  },

  quality: {
    path: "quality",
    params: { limit: "6" },
    render(body, hint, { rules }) {
      if (rules.length === 0) {
        hint.textContent = "";
        return body.replaceChildren(blank("No findings", "Every record passed every rule.", "✓"));
      }
      hint.textContent = plural(rules.reduce((n, r) => n + r.findings, 0), "finding");
      body.replaceChildren(el("div", { className: "scroll" }, rulesTable(rules)));
    },
  },

  findings: {
    path: "quality",
    params: { limit: "6" },
    render(body, hint, { rows }) {
      if (rows.length === 0) return body.replaceChildren(blank("No findings", "", "✓"));
      body.replaceChildren(findings(rows));
    },
  },

  letters: {
    path: "dead-letters",
    render(body, hint, { rows }) {
      if (rows.length === 0) {
        hint.textContent = "";
        return body.replaceChildren(blank("No dead letters", "Every message was processed.", "✓"));
      }
      hint.textContent = `${plural(rows.reduce((n, r) => n + r.letters, 0), "message")} given up`;
      body.replaceChildren(el("div", { className: "scroll" }, lettersTable(rows)));
    },
  },
};

const severityTones = { error: "bad", warning: "warn" };

function clip(text, length) {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

const number = (n) => (n === 0 ? el("span", { className: "zero" }, "0") : format.count(n));

function filesTable(rows, fresh = new Set()) {
  return table("Latest files", [
    { title: "File" }, { title: "Verdict" }, { title: "Records", num: true }, { title: "Loaded", num: true, wide: true },
    { title: "Duplicates", num: true, wide: true }, { title: "Refused", num: true }, { title: "Held", num: true, wide: true },
    { title: "Size", num: true, wide: true }, { title: "Landing to facts", num: true, wide: true }, { title: "Finished", num: true, wide: true },
  ], rows.map((r) => ({
    fresh: fresh.has(r.file_id),
    cells: [
      el("span", { title: r.landing_name }, name(r.landing_name.split("/").pop() || r.landing_name), " ", el("span", { className: "soft small" }, r.kind)),
      el("span", {}, r.verdict === "loaded" ? chip("loaded", "good") : chip(r.verdict, "bad"),
        r.reason ? el("span", { className: "soft small name" }, ` ${r.reason}`) : null),
      number(r.records), number(r.loaded), number(r.duplicates), number(r.rejected), number(r.held),
      format.bytes(r.bytes), format.duration(Date.parse(r.loaded_at) - Date.parse(r.landed_at)),
      el("time", { dateTime: r.loaded_at }, `${format.date(r.loaded_at)}, ${format.clockSeconds(r.loaded_at)}`),
    ],
  })));
}

// older is the button that makes the list longer. The whole list is asked for
// each time, so that it has no gaps when files stream in.
function older(params, refresh) {
  const button = el("button", { type: "button" }, "Show older files");
  button.addEventListener("click", () => {
    params.limit = String(Math.min(Number(params.limit) + MORE_FILES, MOST_FILES));
    button.disabled = true;
    refresh();
  });
  return el("div", { className: "more" }, button);
}

function rulesTable(rules) {
  return table("Findings by rule", [
    { title: "Rule" }, { title: "Severity" }, { title: "Findings", num: true }, { title: "Files", num: true, wide: true }, { title: "Newest", num: true, wide: true },
  ], rules.slice(0, 10).map((r) => ({
    cells: [
      el("span", { title: r.remedy ?? "" }, name(r.check_type.replaceAll("_", " ")), r.meaning ? el("div", { className: "soft small wide-only" }, r.meaning) : null),
      chip(r.severity, severityTones[r.severity]), number(r.findings), number(r.files), format.moment(r.newest_at),
    ],
  })));
}

function lettersTable(rows) {
  return table("Dead letters by subscription", [
    { title: "Subscription" }, { title: "Letters", num: true }, { title: "Newest", num: true, wide: true }, { title: "Error of the newest" },
  ], rows.map((r) => ({
    cells: [
      name(r.subscription, "name mono"), chip(format.count(r.letters), "bad"), format.moment(r.newest_at),
      el("span", { className: "soft name", dir: "auto" }, clip(r.sample_error, 300)),
    ],
  })));
}

function findings(rows) {
  return el("ul", { className: "findings" }, ...rows.map((r) => el("li", {},
    el("div", { className: "line" },
      chip(r.severity, severityTones[r.severity]),
      name(r.check_type.replaceAll("_", " "), "name"),
      el("span", { className: "soft small" }, place(r), ` · ${format.moment(r.check_timestamp)}`)),
    el("p", { className: "soft", dir: "auto" }, clip(r.issue_description, 240)))));
}

function place(r) {
  const file = (r.landing_name ?? r.file_id ?? "").split("/").pop();
  if (!file) return "";
  return el("span", {}, name(file), r.record_index === null ? "" : ` #${r.record_index}`);
}
