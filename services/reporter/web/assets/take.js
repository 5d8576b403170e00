// Take it along: the menu of a panel, which gives its whole list as CSV and its picture as PNG.
import { ask } from "./api.js";
import { el } from "./dom.js";
import * as format from "./format.js";
import { paint, paintable } from "./picture.js";
import { announce } from "./shell.js";
import { dayOf } from "./zone.js";

const PAGE = 500; // rows of one answer, which every list of the API allows
// What a spreadsheet takes for a formula begins so; a number does too, and is one.
const FORMULA = /^['=+\-@\t\r\n]/;
const NUMBER = /^-?\d+(?:\.\d+)?$/;

// cell is a value of the API as a cell of a CSV file (RFC 4180): exact, and never a formula. Who takes one leading
// apostrophe from each text has the original, as in the CSV files of the reports.
export function cell(value) {
  if (value === null || value === undefined) return "";
  let text = typeof value === "object" ? JSON.stringify(value) : String(value);
  if (FORMULA.test(text) && !NUMBER.test(text)) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

// csv has a line for each row, and a column for each field that a row has.
export function csv(rows) {
  const columns = [...new Set(rows.flatMap((r) => Object.keys(r)))];
  return [columns.map(cell), ...rows.map((r) => columns.map((c) => cell(r[c])))].map((line) => `${line.join(",")}\r\n`).join("");
}

// whole asks for all of what a panel lists; the last answer comes with it. What limits apply to are the rows of an answer
// (rowsOf is undefined then): these are asked for page by page.
async function whole({ path, params }, rowsOf, signal) {
  if (rowsOf !== undefined || !("limit" in params)) {
    const data = await ask(path, params, signal);
    return { rows: rowsOf === undefined ? data.rows : rowsOf(data), data };
  }
  const rows = [];
  for (let token = ""; ;) {
    const data = await ask(path, { ...params, limit: String(PAGE), ...(token ? { page_token: token } : {}) }, signal);
    rows.push(...data.rows);
    if (!data.next_page_token) return { rows, data };
    token = data.next_page_token;
  }
}

// days are the period of an answer, or its day, as a part of a file's name.
function days({ period, date, as_of: asOf }) {
  if (!period) return date ?? dayOf(Date.parse(asOf));
  const [from, to] = [dayOf(Date.parse(period.from)), dayOf(Date.parse(period.to) - 1)];
  return from === to ? from : `${from}_${to}`;
}

const slug = (title) => title.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, "-").replaceAll(/^-|-$/g, "");

function save(blob, name) {
  const link = el("a", { href: URL.createObjectURL(blob), download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// offer puts the menu into a panel's header. question() is what the panel asks, rowsOf gives what it lists of an answer if that
// is not its rows, last() the answer that the panel shows.
export function offer(section, { question, rowsOf, last }) {
  const title = () => section.querySelector("h2").textContent;
  const state = el("p", { className: "hint", attrs: { role: "status" } });
  const button = (text, make) => {
    const b = el("button", { type: "button", className: "plain", data: { take: text.toLowerCase() } }, text);
    b.addEventListener("click", async () => {
      b.disabled = true;
      state.textContent = "";
      try {
        const name = await make();
        menu.open = false;
        summary.focus({ preventScroll: true });
        announce(`${name} is saved.`);
      } catch (error) {
        state.textContent = error.message;
      } finally {
        b.disabled = false;
      }
    });
    return b;
  };
  const list = button("CSV", async () => {
    const { rows, data } = await whole(question(), rowsOf, new AbortController().signal);
    const name = `${slug(title())}_${days(data)}.csv`;
    save(new Blob([csv(rows)], { type: "text/csv;charset=utf-8" }), name);
    return name;
  });
  const picture = button("PNG", async () => {
    const data = last();
    const name = `${slug(title())}_${days(data)}.png`;
    const when = data.period ? format.span(data.period.from, data.period.to) : days(data);
    save(await paint(section, title(), when, `${location.host}${location.pathname}${location.search} · as of ${format.momentSeconds(data.as_of)}`), name);
    return name;
  });
  const summary = el("summary", { title: "Take along", ariaLabel: `Take along: ${title()}` }, "⋯");
  const menu = el("details", { className: "take" }, summary, el("div", {}, list, picture, state));
  menu.addEventListener("toggle", () => {
    summary.ariaLabel = `Take along: ${title()}`;
    list.disabled = last() === undefined;
    picture.hidden = !paintable(section) || last() === undefined;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menu.open = false;
    summary.focus();
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
  section.querySelector("header").append(menu);
}
