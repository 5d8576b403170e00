// The page of the morning: a day in short, and the daily reports by date, to read, to sort and to download.
import { Board } from "./board.js";
import { blank, chip, el, name, reveal, revealFirst, table } from "./dom.js";
import * as format from "./format.js";
import { customerLink, orderLink, productLink } from "./links.js";
import { morningPanels } from "./morning.js";
import { Growing, replaceKeepingFocus } from "./more.js";

const byId = (id) => document.getElementById(id);
const growing = new Growing(30, 60);
const reading = new Growing(50, 950, 1000); // rows of a report; the API gives no more at once
const query = () => new URLSearchParams(location.search);
let shown = null; // the morning's answer
let any = false; // whether there is a day with reports
let order = { column: "", descending: false };
let board = null;

addEventListener("popstate", () => board.redraw());

// turn goes to another report or day without loading the page.
function turn(link, section) {
  link.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    history.pushState(null, "", link.getAttribute("href"));
    reading.reset();
    order = { column: "", descending: false };
    reveal(byId(section));
    board.redraw();
  });
  return link;
}

const preview = (date, report) => turn(el("a", { href: `?report=${encodeURIComponent(report.report)}&date=${encodeURIComponent(date)}#preview` }, name(report.title)), "preview");

function day(row) {
  return el("article", { className: "report-day" },
    el("h3", {}, turn(el("a", { href: `?date=${encodeURIComponent(row.date)}` }, el("time", { dateTime: row.date }, format.longDate(row.date))), "main"), row.complete ? "" : chip("so far", "warn"),
      el("a", { className: "button", href: row.page, target: "_blank", rel: "noopener" }, "Open the page")),
    el("ul", { className: "report-list" }, ...row.reports.map((r) => el("li", {},
      preview(row.date, r), el("span", { className: "soft small" }, format.plural(r.rows, "row")),
      el("a", { className: "small", href: r.csv, download: "" }, "CSV", el("span", { className: "hidden" }, ` of ${r.title}, ${row.date}`))))));
}

const words = (column) => column.charAt(0).toUpperCase() + column.slice(1).replaceAll("_", " ");
// An id or a name of digits alone is a text all the same.
const TEXTS = /(?:_id|_name|_tier|^category|^region|^subject|^section)$/;
const isNumber = (column, v) => !TEXTS.test(column) && (typeof v === "number" || (typeof v === "string" && /^-?\d+(?:\.\d+)?$/.test(v)));
const TONES = { high: "bad", critical: "bad", error: "bad", out_of_stock: "bad", medium: "warn", warning: "warn", low_cover: "warn", ok: "good", low: "good" };
const CHIPS = new Set(["risk_level", "severity", "alert", "status", "anomaly"]);

function number(column, v) {
  if (column.endsWith("_ratio")) return el("span", { title: v }, format.signedPercent(v));
  const long = /\.\d{5,}$/.test(v); // a mean; its last digits would drown the others
  return long ? el("span", { title: format.exact(v) }, format.rounded(v)) : format.exact(v);
}

// LINKED are the columns that name something with a page: which column has its id, and how it is linked.
const LINKED = {
  product_id: ["product_id", productLink], product_name: ["product_id", productLink],
  customer_id: ["customer_id", customerLink], customer_name: ["customer_id", customerLink], order_id: ["order_id", orderLink],
};

function show(column, v, row) {
  if (v === null) return "–";
  const [id, link] = LINKED[column] ?? [];
  if (link && row[id]) return link(row[id], v);
  if (typeof v === "boolean") return v ? "yes" : "no";
  if (CHIPS.has(column)) return chip(v.replaceAll("_", " "), column === "anomaly" ? "warn" : TONES[v]);
  return isNumber(column, v) ? number(column, v) : name(v);
}

const none = (body) => body.replaceChildren(blank("No reports yet", "They are made each day after the shop's midnight, and on demand: reporter daily -date 2026-11-01."));

// compare orders two cells of a column: numbers by their value, to the last digit; what is not known comes last.
function compare(column, a, b) {
  if (a === null || b === null) return (a === null) - (b === null);
  const sign = order.descending ? -1 : 1;
  if (isNumber(column, a) && isNumber(column, b)) {
    const [x, y] = [format.units(String(a)), format.units(String(b))];
    return sign * ((x > y) - (x < y));
  }
  return sign * String(a).localeCompare(String(b));
}

// header is a column's title that sorts by it: up, down, and as the report has it.
function header(column, draw) {
  const button = el("button", { type: "button", className: "sort", data: { column } }, words(column));
  button.addEventListener("click", () => {
    if (order.column !== column) order = { column, descending: false };
    else order = order.descending ? { column: "", descending: false } : { column, descending: true };
    draw();
    byId("preview").querySelector(`[data-column="${CSS.escape(column)}"]`).focus({ preventScroll: true });
  });
  return button;
}

function sheet(data, draw) {
  const columns = Object.keys(data.rows[0]).filter((c) => c !== "position");
  const rows = order.column === "" ? data.rows : data.rows.toSorted((a, b) => compare(order.column, a[order.column], b[order.column]));
  const made = table(data.title, columns.map((c) => ({ title: header(c, draw), num: data.rows.some((r) => r[c] !== null) && data.rows.every((r) => r[c] === null || isNumber(c, r[c])) })),
    rows.map((r) => ({ cells: columns.map((c) => show(c, r[c], r)) })));
  made.querySelectorAll("thead th").forEach((th, i) => {
    if (columns[i] === order.column) th.ariaSort = order.descending ? "descending" : "ascending";
  });
  return el("div", { className: "scroll", tabIndex: 0, role: "group", ariaLabel: `Rows of ${data.title}` }, made);
}

// tabs are the reports of the day that is shown.
function tabs(date, current) {
  const listed = shown?.date === date ? shown.reports : [];
  return el("nav", { className: "report-tabs", ariaLabel: "Reports of the day" },
    ...listed.map((r) => {
      const link = preview(date, r);
      if (r.report === current) link.ariaCurrent = "page";
      return link;
    }),
    el("a", { className: "button", href: `/reports/${date}/${current}.csv`, download: "" }, "CSV", el("span", { className: "hidden" }, " of the whole report")),
    el("a", { className: "button", href: `/reports/${date}/index.html`, target: "_blank", rel: "noopener" }, "To print"));
}

const FIRST = "revenue-trends";

// first is what must be known before a report can be asked for: that there are some, and then of which day.
function first() {
  if (!any) return { path: "reports", params: { limit: String(growing.limit) } };
  return { path: "morning", params: query().get("date") ? { date: query().get("date") } : {} };
}

board = new Board([
  ...morningPanels(first, (data) => {
    const other = shown?.date !== data.date || shown?.reports.length !== data.reports.length;
    shown = data;
    if (other) board?.refresh(); // the report of that day
  }),
  {
    id: "reports",
    path: "reports",
    params: () => ({ limit: String(growing.limit) }),
    render(body, hint, data, { board: self }) {
      hint.textContent = data.rows.length > 0 ? `${format.plural(data.rows.length, "day")}, newest first` : "";
      if (data.rows.length === 0) return none(body);
      if (!any) {
        any = true;
        self.refresh();
      }
      replaceKeepingFocus(body, el("div", { className: "report-days" }, ...data.rows.map(day)), growing.button(data, "Show older reports", self, ""));
    },
    fail(error, body) {
      if (error.status !== 404) return false;
      none(body);
      return true;
    },
  },
  {
    id: "preview",
    rows: null, // it has its own
    // Which day is the morning's is known once that has been answered.
    path: () => (shown === null ? first().path : `reports/${encodeURIComponent(query().get("report") ?? FIRST)}`),
    params: () => (shown === null ? first().params : { date: query().get("date") || shown.date, limit: String(reading.limit) }),
    render(body, hint, data, { board: self }) {
      if (data.report === undefined) return data.rows?.length === 0 && none(body);
      byId("preview-title").textContent = data.title;
      hint.textContent = `${format.longDate(data.date)} · ${data.next_page_token ? `the first ${data.rows.length} of ` : ""}${format.plural(data.row_count, "row")}${data.parameters ? ` · ${data.parameters}` : ""}`;
      const draw = () => {
        const more = data.next_page_token && reading.limit < reading.most ? el("div", { className: "more" }, reading.grower(`Show ${format.count(Math.min(reading.most, data.row_count))} rows`, self)) : null;
        replaceKeepingFocus(body, tabs(data.date, data.report), data.rows.length === 0 ? blank("The report is empty", "There was nothing to tell on that day.", "✓") : sheet(data, draw), more);
      };
      draw();
      revealFirst(byId("preview"));
    },
    fail(error, body) {
      if (error.status !== 404) return false;
      body.replaceChildren(blank("No such report", "It was not made for that day."));
      return true;
    },
  },
]);
