// Original bytes, shown as text if they are UTF-8, else as a hex dump. They are
// never anything but text on the page.
import { el } from "./dom.js";
import * as format from "./format.js";

const WIDTH = 16;
const HEX_BYTES = 4096; // shown as a dump; more helps nobody

// decode turns the API's base64 into bytes.
export function decode(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

// utf8 is the bytes' text, or null if they are none. The end may cut a letter.
export function utf8(bytes, cut) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: cut });
  } catch {
    return null;
  }
}

const printable = (b) => (b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : "·");

function hexDump(bytes) {
  const lines = [];
  for (let at = 0; at < Math.min(bytes.length, HEX_BYTES); at += WIDTH) {
    const part = [...bytes.subarray(at, at + WIDTH)];
    const hex = part.map((b) => b.toString(16).padStart(2, "0")).join(" ").padEnd(WIDTH * 3 - 1);
    lines.push(`${at.toString(16).padStart(6, "0")}  ${hex}  ${part.map(printable).join("")}`);
  }
  if (bytes.length > HEX_BYTES) lines.push(`… ${format.count(bytes.length - HEX_BYTES)} more bytes`);
  return lines.join("\n");
}

// visible makes control characters and marks that reorder text visible.
const visible = (text) => text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu,
  (c) => `\\u${c.codePointAt(0).toString(16).padStart(4, "0")}`);

// bytesView shows bytes with a choice of text and hex. whole is how many there
// were before the answer was cut.
export function bytesView(base64, whole, title) {
  const bytes = decode(base64);
  const text = utf8(bytes, bytes.length < whole);
  const out = el("pre", { className: "bytes", tabIndex: 0, attrs: { "aria-label": title } });
  const show = (kind) => {
    out.textContent = kind === "text" ? visible(text) : hexDump(bytes);
    out.dataset.kind = kind;
    for (const b of choice.children) b.setAttribute("aria-pressed", String(b.dataset.kind === kind));
  };
  const button = (kind, label) => {
    const b = el("button", { type: "button", data: { kind } }, label);
    b.addEventListener("click", () => show(kind));
    return b;
  };
  const choice = el("div", { className: "segments", attrs: { role: "group", "aria-label": "Show as" } },
    text === null ? "" : button("text", "Text"), button("hex", "Hex"));
  const size = bytes.length < whole ? `the first ${format.bytes(bytes.length)} of ${format.bytes(whole)}` : format.bytes(whole);
  const view = el("div", { className: "bytes-view" },
    el("div", { className: "bytes-head" }, el("span", { className: "hint" }, text === null ? `${title}, not UTF-8, ${size}` : `${title}, ${size}`), choice), out);
  show(text === null ? "hex" : "text");
  return view;
}
