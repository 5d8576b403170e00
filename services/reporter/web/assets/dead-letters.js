// Messages that no service could process, and the command that sends them again.
import { Address } from "./address.js";
import { Board } from "./board.js";
import { bytesView } from "./bytes.js";
import { command } from "./copy.js";
import { blank, chip, el, name } from "./dom.js";
import * as format from "./format.js";
import { now } from "./shell.js";

let board = null;
const address = new Address({ onChange: () => board?.restart() });
const definition = (title, value) => (value === null || value === undefined || value === "" ? "" : el("div", {}, el("dt", {}, title), el("dd", {}, value)));

function letters(r) {
  const age = (t) => format.ago(Math.max(0, now() - Date.parse(t)));
  const file = r.sample_file_id === null ? null
    : el("a", { href: `/files/${encodeURIComponent(r.sample_file_id)}${r.sample_record_index === null ? "" : `?record=${r.sample_record_index}#record`}` },
      name(r.sample_file_id), r.sample_record_index === null ? "" : ` #${format.count(r.sample_record_index)}`);
  return el("article", { className: "letters" },
    el("h3", {}, name(r.subscription, "name mono"), chip(format.plural(r.letters, "dead letter"), "bad")),
    el("dl", { className: "facts wide" },
      definition("Oldest", el("time", { dateTime: r.oldest_at }, `${age(r.oldest_at)}, ${format.momentSeconds(r.oldest_at)}`)),
      definition("Newest", el("time", { dateTime: r.newest_at }, `${age(r.newest_at)}, ${format.momentSeconds(r.newest_at)}`)),
      definition("Error of the newest", el("span", { className: "name", dir: "auto" }, r.sample_error)),
      definition("Deliveries", r.sample_attempts > 0 ? format.count(r.sample_attempts) : null), definition("File and record", file),
      definition("Message", name(r.sample_message_id, "name mono"))),
    el("p", { className: "hint" }, "Once the cause is gone, send them again with:"),
    command(`go run ./services/pipelinectl replay ${r.subscription}`),
    el("details", {}, el("summary", {}, "The newest message"),
      r.sample_attributes === null ? "" : el("pre", { className: "bytes", tabIndex: 0 }, pretty(r.sample_attributes)),
      bytesView(r.sample_data ?? "", r.sample_data_bytes, "Body")));
}

function pretty(json) {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}

board = new Board([{
  id: "letters",
  path: "dead-letters",
  render(body, hint, { rows }) {
    hint.textContent = rows.length > 0 ? `${format.plural(rows.reduce((n, r) => n + r.letters, 0), "message")} given up` : "";
    if (rows.length === 0) return body.replaceChildren(blank("No dead letters in this period", "Every message was processed.", "✓"));
    body.replaceChildren(...rows.map(letters));
  },
}], { params: () => address.params() });
