// One file: its stages, its counts, its findings, its refused records and their bytes.
import { Board } from "./board.js";
import { bytesView } from "./bytes.js";
import { command } from "./copy.js";
import { blank, chip, el, name, reveal, revealFirst, table } from "./dom.js";
import { closed, ruleName, severityTones, tally } from "./findings.js";
import * as format from "./format.js";
import { Growing, replaceKeepingFocus } from "./more.js";
import { timeline } from "./timeline.js";

const byId = (id) => document.getElementById(id);
const fileID = decodeURIComponent(location.pathname.split("/").pop());
const path = `files/${encodeURIComponent(fileID)}`;
const chosen = () => new URLSearchParams(location.search).get("record");
const growing = new Growing(50, 100);
let board = null;

addEventListener("popstate", () => board.redraw());

// choose shows a record's bytes.
function choose(event, index) {
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  history.pushState(null, "", `?record=${index}#record`);
  byId("record-title").textContent = `Record #${index}`;
  reveal(byId("record"));
  board.restart();
}

function recordLink(index) {
  const link = el("a", { href: `?record=${index}#record` }, `#${format.count(index)}`);
  link.addEventListener("click", (event) => choose(event, index));
  return link;
}

const definition = (title, value) => (value === null || value === "" ? "" : el("div", {}, el("dt", {}, title), el("dd", {}, value)));

// reasons says why a record was refused: one fault in words, several in a table, a row each.
function reasons(r) {
  const faults = r.faults === null ? [] : JSON.parse(r.faults);
  if (faults.length < 2) {
    return [definition("Why", el("span", { dir: "auto" }, r.message)), definition("Field", r.field_path && name(r.field_path, "name mono"))];
  }
  const more = r.fault_count - faults.length;
  return [definition(`Why: ${format.count(r.fault_count)} faults`, el("div", { className: "scroll" },
    table("Faults of the record", [{ title: "Field" }, { title: "Rule" }, { title: "What is wrong, and what to do" }], faults.map((f) => ({
      cells: [f.field_path ? name(f.field_path, "name mono") : "–", name(ruleName(f.rule)), el("span", { className: "name", dir: "auto" }, f.message)],
    }))), more > 0 ? el("p", { className: "soft small" }, `and ${format.count(more)} more`) : ""))];
}

const PARTS = [
  { key: "loaded", title: "Loaded", tone: "--good" }, { key: "duplicates", title: "Duplicates", tone: "--ink-faint" },
  { key: "rejected", title: "Refused", tone: "--bad" }, { key: "held", title: "Held", tone: "--warn" },
];

function counts(r) {
  if (r.records === 0) return blank("No records", "The file holds none that could be counted.");
  return el("div", {},
    el("div", { className: "stackbar", attrs: { "aria-hidden": "true" } }, ...PARTS.filter((p) => r[p.key] > 0).map((p) =>
      el("i", { vars: { grow: String(r[p.key]), tone: `var(${p.tone})` } }))),
    el("dl", { className: "figures" }, el("div", {}, el("dt", {}, "Records"), el("dd", {}, format.count(r.records))),
      ...PARTS.map((p) => el("div", {}, el("dt", { className: "keyed", vars: { tone: `var(${p.tone})` } }, p.title), el("dd", {}, format.count(r[p.key])))),
      el("div", {}, el("dt", {}, "Lines added"), el("dd", {}, format.count(r.lines)))));
}

const whole = {
  alone: true,
  path,
};

// Of a file that the ledger does not hold only the stages say something. It may come
// while the page is open; whether history has anything to show it knows by itself.
const KNOWN_ONLY = ["counts", "rules", "refused"];

board = new Board([
  {
    ...whole,
    id: "stages",
    render(body, hint, { rows: [r] }) {
      for (const id of KNOWN_ONLY) byId(id).hidden = false;
      const file = format.fileName(r.landing_name);
      byId("file-name").replaceChildren(name(file), " ", chip(r.verdict, r.verdict === "loaded" ? "good" : "bad"));
      document.title = `${file} · Order pipeline`;
      hint.textContent = `${format.duration(Date.parse(r.loaded_at) - Date.parse(r.landed_at))} on ${format.longDate(r.landed_at)}`;
      body.replaceChildren(timeline(r), el("dl", { className: "facts wide" },
        definition("Landed as", name(r.landing_name, "name mono")), definition("File id", name(r.file_id, "name mono")),
        definition("Kind and size", `${r.kind}, ${format.bytes(r.bytes)}`), definition("Reading", String(r.revision)), definition("Allowed", r.overrides)), r.reason ? el("p", { className: "notice", data: { kind: "error" } }, `Quarantined: ${ruleName(r.reason)}.`) : "",
        r.verdict === "quarantined" ? el("div", {}, el("p", { className: "hint" }, "To load it after all:"), command(`go run ./services/pipelinectl release ${r.file_id}`)) : "");
    },
    fail(error, body) {
      if (error.status !== 404) return false;
      byId("file-name").textContent = "No such file";
      body.replaceChildren(blank("The ledger holds no such file", "It may still be on its way: a file enters the ledger when it is loaded or quarantined."));
      for (const id of [...KNOWN_ONLY, "history"]) byId(id).hidden = true;
      return true;
    },
  },
  { ...whole, id: "counts", rows: null, render: (body, hint, { rows: [r] }) => body.replaceChildren(counts(r)), fail: (error) => error.status === 404 },
  {
    ...whole,
    id: "rules",
    rows: (data) => data.rules,
    render(body, hint, { rules, rows: [r] }) {
      hint.textContent = rules.length > 0 ? format.plural(rules.reduce((n, rule) => n + rule.findings, 0), "finding") : "";
      if (rules.length === 0) return body.replaceChildren(blank("No findings", "Every record passed every rule.", "✓"));
      const found = r.loaded_at.slice(0, 10); // in the transaction that loaded the file
      const all = `/quality?${new URLSearchParams({ file: fileID, from: found, to: found })}`;
      body.replaceChildren(el("div", { className: "scroll" }, table("Findings by rule", [{ title: "Rule" }, { title: "Severity" }, { title: "Findings", num: true }, { title: "First", num: true }],
        rules.map((rule) => ({
          cells: [
            el("span", { title: rule.remedy ?? "" }, name(ruleName(rule.check_type)), rule.meaning ? el("div", { className: "soft small wide-only" }, rule.meaning) : null),
            chip(rule.severity, severityTones[rule.severity]), tally(rule), rule.first_record_index === null ? "–" : recordLink(rule.first_record_index),
          ],
        })))), el("p", { className: "small" }, el("a", { href: all }, "All findings about this file")));
    },
    fail: (error) => error.status === 404,
  },
  {
    id: "record",
    rows: null,
    alone: true,
    path: () => (chosen() === null ? path : `${path}/records/${encodeURIComponent(chosen())}`),
    render(body, hint, data) {
      byId("record").hidden = chosen() === null;
      if (chosen() === null) return;
      byId("record-title").textContent = `Record #${chosen()}`;
      const [r] = data.rows;
      hint.textContent = r ? `refused: ${ruleName(r.rule)}` : "not refused";
      body.replaceChildren(
        r ? el("dl", { className: "facts wide" }, ...reasons(r),
          definition("Place", `${format.count(r.byte_length)} bytes from byte ${format.count(r.byte_offset)}`), definition("SHA-256", name(r.sha256, "name mono"))) : "",
        r ? bytesView(r.payload ?? "", r.byte_length, "Original bytes")
          : blank("The record was not refused", "Only refused records keep their bytes here; the file itself stands in archive/ or quarantine/."),
        ...(data.findings ?? []).map((f) => el("div", { className: "finding" },
          el("div", { className: "line" }, chip(f.severity, severityTones[f.severity]), el("strong", {}, name(ruleName(f.check_type))), closed(f)),
          el("p", { className: "soft", dir: "auto" }, f.issue_description), f.remedy ? el("p", { className: "small" }, `What to do: ${f.remedy}`) : "",
          f.refused_content ? el("details", {}, el("summary", {}, "Content that was refused"), el("pre", { className: "bytes" }, f.refused_content)) : "")));
      revealFirst(byId("record"));
    },
    fail(error, body) {
      if (chosen() === null) byId("record").hidden = true;
      else if (error.status === 404 || error.status === 400) body.replaceChildren(blank("No such record", error.message));
      else return false;
      return true;
    },
  },
  {
    id: "refused",
    alone: true,
    path: `${path}/refused`,
    params: () => ({ limit: String(growing.limit) }),
    render(body, hint, data, { board: self }) {
      if (data.rows.length === 0) return body.replaceChildren(blank("No refused records", "All records of this reading were good.", "✓"));
      replaceKeepingFocus(body, el("div", { className: "scroll" }, table("Refused records", [
        { title: "Record" }, { title: "Rule" }, { title: "Field", wide: true }, { title: "What is wrong" }, { title: "Bytes", num: true, wide: true },
      ], data.rows.map((r) => ({
        cells: [recordLink(r.record_index), name(ruleName(r.rule)), r.field_path ? name(r.field_path, "name mono") : "–", el("span", { className: "name", dir: "auto" }, r.message), format.bytes(r.byte_length)],
      })))), growing.button(data, "Show more records", self, "The table rejected_records has all."));
    },
    fail: (error) => error.status === 404,
  },
  {
    ...whole,
    id: "history",
    rows: (data) => data.history,
    render(body, hint, { history: rows }) {
      byId("history").hidden = rows.length === 0;
      body.replaceChildren(el("div", { className: "scroll" }, table("Earlier readings", [
        { title: "Reading" }, { title: "Verdict" }, { title: "Records", num: true }, { title: "Loaded", num: true }, { title: "Refused", num: true }, { title: "Finished", num: true },
      ], rows.map((r) => ({
        cells: [String(r.revision), chip(r.verdict, r.verdict === "loaded" ? "good" : "bad"), format.count(r.records), format.count(r.loaded), format.count(r.rejected), format.momentSeconds(r.loaded_at)],
      })))));
    },
    fail: (error) => error.status === 404,
  },
]);
