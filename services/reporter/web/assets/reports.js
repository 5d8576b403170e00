// The daily reports, by date, to read and to download.
import { Board } from "./board.js";
import { blank, chip, el, name, reveal, revealFirst, table } from "./dom.js";
import * as format from "./format.js";
import { Growing, replaceKeepingFocus } from "./more.js";

const byId = (id) => document.getElementById(id);
const growing = new Growing(30, 60);
const PREVIEW_ROWS = "25";
const chosen = () => {
  const query = new URLSearchParams(location.search);
  return query.get("report") === null ? null : { report: query.get("report"), date: query.get("date") ?? "" };
};
let board = null;

addEventListener("popstate", () => board.redraw());

function preview(date, report) {
  const link = el("a", { href: `?report=${encodeURIComponent(report.report)}&date=${encodeURIComponent(date)}#preview` }, name(report.title));
  link.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    history.pushState(null, "", link.getAttribute("href"));
    reveal(byId("preview"));
    board.restart();
  });
  return link;
}

function day(row) {
  return el("article", { className: "report-day" },
    el("h3", {}, el("time", { dateTime: row.date }, format.longDate(row.date)), row.complete ? "" : chip("so far", "warn"),
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

function show(column, v) {
  if (v === null) return "–";
  if (typeof v === "boolean") return v ? "yes" : "no";
  if (CHIPS.has(column)) return chip(v.replaceAll("_", " "), column === "anomaly" ? "warn" : TONES[v]);
  return isNumber(column, v) ? number(column, v) : name(v);
}

const none = (body) => body.replaceChildren(blank("No reports yet", "They are made each day after the shop's midnight, and on demand: reporter daily -date 2026-11-01."));

board = new Board([
  {
    id: "reports",
    path: "reports",
    params: () => ({ limit: String(growing.limit) }),
    render(body, hint, data, { board: self }) {
      hint.textContent = data.rows.length > 0 ? `${format.plural(data.rows.length, "day")}, newest first` : "";
      if (data.rows.length === 0) return none(body);
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
    path: () => (chosen() === null ? "reports" : `reports/${encodeURIComponent(chosen().report)}`),
    params: () => (chosen() === null ? { limit: String(growing.limit) } : { ...(chosen().date ? { date: chosen().date } : {}), limit: PREVIEW_ROWS }),
    render(body, hint, data) {
      byId("preview").hidden = chosen() === null;
      if (chosen() === null) return;
      byId("preview-title").textContent = data.title;
      hint.textContent = `${format.longDate(data.date)} · ${data.next_page_token ? `the first ${data.rows.length} of ` : ""}${format.plural(data.row_count, "row")}${data.parameters ? ` · ${data.parameters}` : ""}`;
      if (data.rows.length === 0) return body.replaceChildren(blank("The report is empty", "There was nothing to tell on that day.", "✓"));
      const columns = Object.keys(data.rows[0]).filter((c) => c !== "position");
      body.replaceChildren(el("div", { className: "scroll" }, table(data.title, columns.map((c) => ({ title: words(c), num: data.rows.some((r) => r[c] !== null) && data.rows.every((r) => r[c] === null || isNumber(c, r[c])) })),
        data.rows.map((r) => ({ cells: columns.map((c) => show(c, r[c])) })))));
      revealFirst(byId("preview"));
    },
    fail(error, body) {
      byId("preview").hidden = chosen() === null;
      if (error.status !== 404) return false;
      body.replaceChildren(blank("No such report", "It was not made for that day."));
      return true;
    },
  },
]);
