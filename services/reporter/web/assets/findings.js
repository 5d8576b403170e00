// Findings, wherever they are listed.
import { chip, el, name } from "./dom.js";
import * as format from "./format.js";
import { orderLink } from "./links.js";

export const severityTones = { error: "bad", warning: "warn" };
export const ruleName = (rule) => rule.replaceAll("_", " ");

const LONGEST = 320;
const clip = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

// tally counts findings, those apart that a catalog has closed.
export const tally = (rule) => (rule.resolved > 0 ? `${format.count(rule.findings)}, ${format.count(rule.resolved)} closed` : format.count(rule.findings));

// closed marks a finding that a catalog has closed.
export const closed = (r) => (r.resolved_at ? chip("closed", "good") : "");

// place links to the file and record that a finding is about.
export function place(r) {
  if (!r.file_id) return "";
  const file = format.fileName(r.landing_name ?? r.file_id);
  const at = r.record_index === null ? "" : `?record=${r.record_index}#record`;
  return el("a", { href: `/files/${encodeURIComponent(r.file_id)}${at}` }, name(file), r.record_index === null ? "" : ` #${format.count(r.record_index)}`);
}

// order links to the way of the order that a finding is about.
const order = (r) => (r.order_id ? el("span", {}, "Order ", orderLink(r.order_id)) : "");

// findingsList shows findings with their place.
export function findingsList(rows) {
  return el("ul", { className: "findings" }, ...rows.map((r) => el("li", {},
    el("div", { className: "line" },
      chip(r.severity, severityTones[r.severity]), el("strong", {}, name(ruleName(r.check_type))), closed(r),
      el("span", { className: "soft small" }, format.momentSeconds(r.check_timestamp))),
    el("p", { className: "soft", dir: "auto" }, clip(r.issue_description)),
    el("p", { className: "small" }, place(r), r.file_id && r.order_id ? " · " : "", order(r)))));
}
