// The ledger: every file, newest first.
import { Address } from "./address.js";
import { Board } from "./board.js";
import { command } from "./copy.js";
import { blank, chip, el, name, table } from "./dom.js";
import * as format from "./format.js";
import { Growing, replaceKeepingFocus } from "./more.js";
import { strip } from "./timeline.js";

const growing = new Growing(50, 50);
let board = null;
const address = new Address({ names: ["search", "kind", "verdict"], onChange: () => {
  growing.reset();
  board?.restart();
} });

const number = (n) => (n === 0 ? el("span", { className: "zero" }, "0") : format.count(n));
const columns = [
  { title: "File" }, { title: "Verdict" }, { title: "Records", num: true }, { title: "Loaded", num: true, wide: true },
  { title: "Duplicates", num: true, wide: true }, { title: "Refused", num: true }, { title: "Held", num: true, wide: true },
  { title: "Size", num: true, wide: true }, { title: "Landing to facts", wide: true }, { title: "Finished", num: true, wide: true },
];

function row(r, fresh) {
  return {
    fresh: fresh.has(r.file_id),
    cells: [
      el("span", {}, el("a", { href: `/files/${encodeURIComponent(r.file_id)}`, title: r.landing_name }, name(format.fileName(r.landing_name))), " ",
        el("span", { className: "soft small" }, r.revision > 1 ? `${r.kind}, reading ${r.revision}` : r.kind)),
      el("span", {}, r.verdict === "loaded" ? chip("loaded", "good") : chip(r.verdict, "bad"),
        r.reason ? el("span", { className: "soft small name" }, ` ${r.reason.replaceAll("_", " ")}`) : null),
      number(r.records), number(r.loaded), number(r.duplicates),
      r.rejected === 0 ? number(0) : el("a", { className: "warn-text", href: `/files/${encodeURIComponent(r.file_id)}#refused` }, format.count(r.rejected)),
      number(r.held), format.bytes(r.bytes), strip(r),
      el("time", { dateTime: r.loaded_at }, format.momentSeconds(r.loaded_at)),
    ],
  };
}

board = new Board([{
  id: "files",
  path: "files",
  params: () => ({ limit: String(growing.limit) }),
  render(body, hint, data, { fresh, board: self }) {
    const filtered = address.names.some((n) => address.get(n));
    hint.textContent = data.rows.length > 0 ? `${data.next_page_token ? "newest " : ""}${format.plural(data.rows.length, "file")}` : "";
    if (data.rows.length === 0) {
      if (filtered) return body.replaceChildren(blank("No file matches", "Look for another name, or in a wider period."));
      const box = blank("No files in this period", "Upload one to landing/orders/, landing/products/ or landing/customers/, for instance by:");
      box.append(command("go run ./services/pipelinectl upload orders.json"));
      return body.replaceChildren(box);
    }
    replaceKeepingFocus(body,
      el("ul", { className: "keys", attrs: { "aria-label": "Stages" } }, ...["claim", "parse", "load"].map((s) => el("li", { data: { stage: s } }, s))),
      el("div", { className: "scroll" }, table("Files, newest first", columns, data.rows.map((r) => row(r, fresh)))),
      growing.button(data, "Show older files", self, "Search, or choose a shorter period, to see others."));
  },
}], { params: () => address.params() });
