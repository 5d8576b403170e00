// What each column of the day's orders and lines, and of the catalogs, holds, and what is unusual in it.
import { ask } from "./api.js";
import { Board } from "./board.js";
import { bars, blank, chip, el, name, table } from "./dom.js";
import * as format from "./format.js";
import { productLink } from "./links.js";

const byId = (id) => document.getElementById(id);
const chosen = () => new URLSearchParams(location.search).get("date") ?? "";
const TABLES = ["orders", "lines", "products", "customers"];
const QUANTILES = [["p05", "5 %"], ["p25", "25 %"], ["p50", "half"], ["p75", "75 %"], ["p95", "95 %"]];
let board = null;
let newest = ""; // day that is over and has a profile, or else the newest that has one

// shown is a value of a column as a person reads it. Numbers keep all their digits.
function shown(row, text) {
  if (text === null) return "–";
  if (row.data_type === "number") return format.exact(text);
  if (row.data_type === "time") return format.momentSeconds(text);
  if (row.data_type === "date") return format.longDate(text);
  if (row.column_name === "product_id") return productLink(text);
  return name(text);
}

const valuesOf = (row) => (row.top_values === null ? [] : JSON.parse(row.top_values));
const shareOf = (row, v) => (row.filled === 0 ? 0 : v.occurrences / row.filled);

// reasons are what is unusual in a column, in words; a value among them is shown as it is.
function reasons(row) {
  const usual = (v) => `, usually ${v}`;
  return (row.unusual ?? "").split(" ").filter(Boolean).flatMap((what) => ({
    rows: () => [[`${format.plural(row.row_count, "row")}${usual(format.count(row.usual_rows))}`]],
    filled: () => [[`${format.percent(row.filled_share)} filled${usual(format.percent(row.usual_filled_share))}`]],
    distinct: () => [[`${format.plural(row.distinct_values, "different value")}${usual(format.count(row.usual_distinct_values))}`]],
    mean: () => [[`a mean of ${format.exact(row.mean)}${usual(format.exact(row.usual_mean))}`]],
    values: () => valuesOf(row).filter((v) => v.change).map((v) => [shown(row, v.value), ` ${changed(row, v)}`]),
  })[what]());
}

function changed(row, v) {
  const now = format.percent(shareOf(row, v));
  const usual = format.percent(v.usual_share ?? 0);
  return { new: `is new: ${now}`, gone: `is gone, usually ${usual}`, more: `is more frequent: ${now}, usually ${usual}`, less: `is less frequent: ${now}, usually ${usual}` }[v.change];
}

function unusual(body, hint, data) {
  tell(data);
  const rows = data.rows.filter((r) => r.unusual !== null);
  const most = Math.max(...data.rows.map((r) => r.compared_days));
  if (!data.complete) return body.replaceChildren(blank("Not over yet", "What is unusual is told of days that are over."));
  hint.textContent = "beside the same weekdays of the four weeks before";
  if (rows.length === 0) {
    return body.replaceChildren(most < 3
      ? blank("Nothing to compare with yet", "It takes orders on the same weekday of three of the four weeks before.")
      : blank("Nothing unusual", `Every column holds what it held on ${format.plural(most, "such day")}.`, "✓"));
  }
  body.replaceChildren(table("What is unusual", [{ title: "Column" }, { title: "Why" }], rows.map((r) => ({
    cells: [el("span", {}, `${r.column_name} `, el("span", { className: "soft" }, `of ${r.table_name}`)), el("ul", {}, ...reasons(r).map((parts) => el("li", {}, ...parts)))],
  }))));
}

// tell says of when the report is.
function tell(data) {
  byId("told").textContent = `${format.longDate(data.date)}${data.complete ? "" : ", so far"}: the orders placed on this day, and the catalogs at the time of the report.`;
}

// filled is a share with its bar.
const filled = (row) => el("div", { className: "filled" },
  el("span", {}, row.filled_share === null ? "–" : format.percent(row.filled_share)),
  el("span", { className: "meter", attrs: { "aria-hidden": "true" } }, el("span", { vars: { share: String(row.filled_share ?? 0) } })),
  el("span", { className: "soft small" }, format.count(row.filled)));

// brief leaves the seconds of a time away.
const brief = (row, text) => (row.data_type === "time" ? format.moment(text) : shown(row, text));

function spread(row) {
  if (row.p50 === null) return "–";
  return el("dl", { className: "quantiles" }, ...QUANTILES.map(([key, title]) => el("div", {}, el("dt", {}, title), el("dd", {}, brief(row, row[key])))),
    row.mean === null ? null : el("div", {}, el("dt", {}, "mean"), el("dd", {}, format.exact(row.mean))));
}

function frequent(row) {
  if (row.is_personal) return el("span", { className: "soft" }, "not shown: personal data");
  const values = valuesOf(row).filter((v) => v.occurrences > 0);
  if (values.length === 0) return "–";
  const list = bars(values.map((v) => ({
    label: shown(row, v.value), value: `${format.count(v.occurrences)} · ${format.percent(shareOf(row, v))}`, share: shareOf(row, v),
    under: v.change ? changed(row, v) : v.usual_share === null ? "" : `usually ${format.percent(v.usual_share)}`,
  })));
  if (values.length === 1) return list;
  const [first] = values;
  return el("details", {}, el("summary", {}, name(shortened(first.value)), ` ${format.percent(shareOf(row, first))}, and ${format.plural(values.length - 1, "other")}`), list);
}

const shortened = (text) => (text.length > 24 ? `${text.slice(0, 23)}…` : text);

function columns(of) {
  return (body, hint, data) => {
    const rows = data.rows.filter((r) => r.table_name === of);
    const [first] = rows;
    hint.textContent = `${format.plural(first.row_count, "row")}${first.usual_rows === null ? "" : `, usually ${format.count(first.usual_rows)}`}`;
    if (first.row_count === 0) return body.replaceChildren(blank("No rows", of === "orders" || of === "lines" ? "No order was placed on this day." : "No catalog has been loaded."));
    body.replaceChildren(el("div", { className: "scroll", tabIndex: 0, role: "group", ariaLabel: `Columns of ${of}` },
      table(`What the columns of ${of} hold`, [{ title: "Column" }, { title: "Filled" }, { title: "Different", num: true }, { title: "Smallest to largest" }, { title: "Quantiles and mean" }, { title: "Most frequent" }],
        rows.map((r) => ({
          cells: [
            el("div", {}, name(r.column_name), r.unusual === null ? "" : el("div", {}, chip("unusual", "warn"))), filled(r), format.count(r.distinct_values),
            r.smallest === null ? "–" : el("span", { className: "range" }, shown(r, r.smallest), " to ", shown(r, r.largest)), spread(r), frequent(r),
          ],
        })))));
  };
}

function none(body) {
  byId("told").textContent = "";
  body.replaceChildren(blank("No profile", chosen() ? "It was not made for that day." : "It is made each day after the shop's midnight, and on demand: reporter daily -date 2026-11-01."));
}

function fail(error, body) {
  if (error.status !== 404) return false;
  none(body);
  return true;
}

// The list of days tells which one to ask for, if the address names none.
const DAYS = { limit: "366" };
const day = () => chosen() || newest;
const panel = (id, render, rows) => ({
  id, fail, rows: (data) => (data.report === undefined ? [] : rows(data)),
  path: () => (day() === "" ? "reports" : "reports/profile"), // there is none yet
  params: () => (day() === "" ? DAYS : { limit: "100", date: day() }),
  render: (body, hint, data) => (data.report === undefined ? none(body) : render(body, hint, data)),
});
const profiled = (data) => data.rows.filter((r) => r.reports.some((made) => made.report === "profile"));
const newestOf = (data) => (profiled(data).find((r) => r.complete) ?? profiled(data)[0])?.date ?? "";

function choose() {
  byId("date").value = chosen();
}

if (chosen() === "") newest = newestOf(await ask("reports", DAYS, new AbortController().signal).catch(() => ({ rows: [] })));
board = new Board([
  panel("unusual", unusual, (data) => data.rows.filter((r) => r.unusual !== null)),
  ...TABLES.map((of) => panel(of, columns(of), (data) => data.rows.filter((r) => r.table_name === of))),
  {
    id: "days", place: null, path: "reports", params: DAYS,
    render(_body, _hint, data, { board: self }) {
      const days = profiled(data);
      const first = newestOf(data);
      if (first !== newest) {
        newest = first;
        self.refresh();
      }
      const others = chosen() !== "" && !days.some((r) => r.date === chosen()) ? [new Option(chosen(), chosen())] : [];
      byId("date").replaceChildren(new Option("newest that is over", ""), ...others, ...days.map((r) => new Option(format.longDate(r.date), r.date)));
      choose();
    },
  },
]);

byId("days").addEventListener("submit", (event) => event.preventDefault());
byId("date").addEventListener("change", () => {
  const date = byId("date").value;
  history.pushState(null, "", date === "" ? location.pathname : `?${new URLSearchParams({ date })}`);
  board.restart();
});
addEventListener("popstate", () => {
  choose();
  board.restart();
});
