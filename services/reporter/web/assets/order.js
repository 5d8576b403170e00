// One order: every version from its file to the facts, its lines, and the hours, days and reports that it is in.
import { amount } from "./amount.js";
import { Board } from "./board.js";
import { command } from "./copy.js";
import { blank, chip, el, name, table } from "./dom.js";
import { findingsList } from "./findings.js";
import * as format from "./format.js";
import { idOf, productLink } from "./links.js";

const byId = (id) => document.getElementById(id);
const orderID = idOf();
const whole = { alone: true, path: `orders/${encodeURIComponent(orderID)}` };
const KNOWN_ONLY = ["facts", "figures", "findings"];
const TONES = { current: "good", superseded: "warn" };

const moment = (t) => (t === null ? "–" : format.momentSeconds(t));
const definition = (title, value) => (value === null || value === "" ? "" : el("div", {}, el("dt", {}, title), el("dd", {}, value)));

// The argument of a command, in quotes unless a shell takes it as it is.
const argument = (text) => (/^[\w.-]+$/u.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

const record = (v) => el("a", { href: `/files/${encodeURIComponent(v.file_id)}?record=${v.record_index}#record` },
  name(v.landing_name === null ? v.file_id : format.fileName(v.landing_name)), ` #${format.count(v.record_index)}`);

// version is one state of the order: where it came from, and until when it counted.
function version(v, i, all) {
  const valid = v.valid_from === null && v.valid_to === null ? "" : `${moment(v.valid_from)} to ${moment(v.valid_to)}`;
  return el("section", { className: "finding" },
    el("div", { className: "line" }, el("strong", {}, `Version ${i + 1} of ${all.length}`), chip(v.outcome, TONES[v.outcome])),
    el("dl", { className: "facts wide" },
      definition("File and record", record(v)),
      definition("Changed at its source", v.updated_at === null ? "" : moment(v.updated_at)),
      definition("Landed", moment(v.landed_at)), definition("Claimed", moment(v.claimed_at)), definition("Parsed", moment(v.parsed_at)),
      definition("Row in staging", v.staged_parse_id === null ? "no longer kept" : name(`${v.staged_parse_id}, record ${v.record_index}`, "name mono")),
      definition("Transaction", v.transaction_number === null ? "–" : `${format.count(v.transaction_number)}, committed ${moment(v.loaded_at)}`),
      definition("Counted", valid), definition("Content", name(v.content_hash, "name mono"))));
}

// Where a row of an aggregate or a report is shown.
function shown(r, day) {
  const page = r.place.startsWith("report_") ? `/reports?${new URLSearchParams({ date: day })}` : `/?${new URLSearchParams({ from: day, to: day })}`;
  return el("a", { href: page }, name(r.row_key));
}

const PLACES = { agg_hourly_metrics: "Hour", agg_category_revenue: "Day and category", report_revenue_trends: "Revenue report" };

const current = (rows) => rows.find((v) => v.outcome === "current");

new Board([
  {
    ...whole,
    id: "versions",
    render(body, hint, { rows }) {
      for (const id of KNOWN_ONLY) byId(id).hidden = false;
      byId("order-name").replaceChildren(name(orderID));
      document.title = `${orderID} · Order pipeline`;
      hint.textContent = rows.length > 0 ? format.plural(rows.length, "version") : "";
      if (rows.length === 0) return body.replaceChildren(blank("No version was loaded", "Each record of it was refused or left out; below is why."));
      body.replaceChildren(...rows.map(version), el("div", {},
        el("p", { className: "hint" }, "Line and bytes in the file, and BigQuery's job:"), command(`go run ./services/pipelinectl trace --bytes ${argument(orderID)}`)));
    },
    fail(error, body) {
      if (error.status !== 404) return false;
      byId("order-name").textContent = "No such order";
      body.replaceChildren(blank("No file has brought such an order", "It may still be on its way, or its file was quarantined."));
      for (const id of KNOWN_ONLY) byId(id).hidden = true;
      return true;
    },
  },
  {
    ...whole,
    id: "facts",
    rows: (data) => data.facts,
    render(body, hint, { facts, rows }) {
      if (facts.length === 0) return body.replaceChildren(blank("No facts", "No version of the order counts."));
      const [first] = facts;
      hint.textContent = `${format.longDate(current(rows)?.order_date ?? first.order_timestamp)}, ${format.money(first.total_amount)}`;
      body.replaceChildren(el("div", { className: "scroll" }, table("Lines of the order", [
        { title: "Line", num: true }, { title: "Product" }, { title: "Category", wide: true }, { title: "Region", wide: true }, { title: "Tier", wide: true },
        { title: "Quantity", num: true }, { title: "Line total", num: true }, { title: "Status" }, { title: "Loaded", num: true, wide: true },
      ], facts.map((l) => ({
        cells: [format.count(l.line_number), l.product_id === null ? "–" : productLink(l.product_id), name(l.category), l.region, l.customer_tier,
          format.count(l.quantity), amount(l.line_total), name(l.payment_status), format.momentSeconds(l.loaded_at)],
      })))), format.units(first.refunded_amount) === 0n ? "" : el("p", { className: "small" }, `Paid back: ${format.money(first.refunded_amount)}`));
    },
    fail: (error) => error.status === 404,
  },
  {
    ...whole,
    id: "figures",
    rows: (data) => data.figures,
    render(body, hint, { figures, rows }) {
      if (figures.length === 0) return body.replaceChildren(blank("In no figure", "No version of the order counts."));
      const day = current(rows)?.order_date ?? rows[0].order_date;
      body.replaceChildren(el("div", { className: "scroll" }, table("Rows of aggregates and reports", [
        { title: "Where" }, { title: "Row" }, { title: "Orders", num: true }, { title: "Revenue", num: true }, { title: "Computed", num: true, wide: true },
      ], figures.map((r) => ({
        cells: [PLACES[r.place] ?? r.place, shown(r, day), format.count(r.orders), amount(r.revenue), moment(r.updated_at)],
      })))));
    },
    fail: (error) => error.status === 404,
  },
  {
    ...whole,
    id: "findings",
    rows: (data) => data.findings,
    render(body, hint, { findings }) {
      hint.textContent = findings.length > 0 ? format.plural(findings.length, "finding") : "";
      if (findings.length === 0) return body.replaceChildren(blank("No findings", "Every record of it passed every rule.", "✓"));
      body.replaceChildren(findingsList(findings.map((f) => ({ ...f, check_type: f.rule, landing_name: null }))));
    },
    fail: (error) => error.status === 404,
  },
]);
