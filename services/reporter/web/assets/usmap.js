// Revenue by state, as a map, with the states as a table beside it.
import { amount } from "./amount.js";
import { blank, el, name, table } from "./dom.js";
import * as format from "./format.js";
import { Tip } from "./tip.js";
import { STATES, VIEW_BOX } from "./vendor/us-atlas/states.js";

const SVG = "http://www.w3.org/2000/svg";
// What the API calls the United States, however orders spell it.
const USA = "USA";
// States are coloured in so many steps; the eye cannot tell more apart.
const STEPS = 5;
const TOP_STATES = 4;
const TOP_COUNTRIES = 12;

// usStates are the rows of the states that the map has, one per state.
const usStates = (rows) => rows.filter((r) => r.level === "state" && r.country === USA && r.state in STATES);

function svg(tag, attrs, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attrs)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

// stateOptions are the states for a choice of them, by name.
export const stateOptions = () => Object.entries(STATES).map(([code, { name: title }]) => new Option(title, code)).sort((a, b) => a.text.localeCompare(b.text));

// UsMap draws once and colours anew with each answer.
export class UsMap {
  constructor(body, address) {
    this.address = address;
    this.paths = new Map();
    this.picture = svg("svg", { viewBox: VIEW_BOX, role: "img", class: "us" });
    for (const [code, state] of Object.entries(STATES)) {
      const path = svg("path", { d: state.path, "data-code": code });
      this.paths.set(code, path);
      this.picture.append(path);
    }
    this.legend = el("div", { className: "legend", attrs: { "aria-hidden": "true" } });
    this.rest = el("p", { className: "hint" });
    this.details = el("details", {}, el("summary", {}, "Show the states as a table"));
    this.frame = el("div", { className: "map" }, this.picture);
    this.tip = new Tip(this.frame);
    body.replaceChildren(this.frame, el("div", { className: "under-map" }, this.legend, this.rest), this.details);
    this.frame.addEventListener("pointermove", (event) => this.point(event));
    this.frame.addEventListener("pointerleave", () => this.tip.hide());
    // For the mouse; the table below has the same as links.
    this.picture.addEventListener("click", (event) => {
      const { code } = event.target.dataset ?? {};
      if (code && this.known?.has(code)) address.set({ state: code });
    });
  }

  // show takes the answer of all levels; field is the amount that counts.
  show({ rows, totals }, field) {
    this.field = field;
    this.known = new Map(usStates(rows).map((r) => [r.state, r]));
    const ordersOf = (list) => list.reduce((n, r) => n + r.orders, 0);
    const elsewhere = (totals.find((t) => t.level === "country")?.orders ?? 0) - ordersOf([...this.known.values()]);
    const amounts = [...this.known.values()].map((r) => Number(r[field]));
    const most = Math.max(...amounts, 0);
    for (const [code, path] of this.paths) {
      const row = this.known.get(code);
      path.classList.toggle("known", row !== undefined);
      path.dataset.step = row && most > 0 && Number(row[field]) > 0 ? String(Math.min(STEPS, 1 + Math.floor((Number(row[field]) / most) * STEPS))) : "0";
    }
    const ranked = [...this.known].sort(([, a], [, b]) => Number(b[field]) - Number(a[field]));
    this.picture.setAttribute("aria-label", ranked.length === 0
      ? "Map of the US states: no orders" : `Map of the US states by revenue. Highest: ${ranked.slice(0, 5).map(([code, r]) => `${STATES[code].name} ${format.roundMoney(r[field])}`).join(", ")}. The table below has all.`);
    this.legend.replaceChildren(el("span", {}, format.shortMoney(0)),
      ...Array.from({ length: STEPS }, (_, i) => el("i", { data: { step: String(i + 1) } })), el("span", {}, format.shortMoney(most)));
    this.legend.hidden = most === 0;
    this.rest.textContent = elsewhere > 0 ? `${format.plural(elsewhere, "order")} elsewhere` : "";
    this.details.replaceChildren(this.details.firstElementChild, ranked.length === 0 ? blank("No orders in US states") : el("div", { className: "scroll" },
      table("Revenue by state", [{ title: "State" }, { title: "Orders", num: true }, { title: "Revenue", num: true }],
        ranked.map(([code, r]) => ({ cells: [this.address.link({ state: code }, {}, `${STATES[code].name} (${code})`), format.count(r.orders), amount(r[field])] })))));
  }

  point(event) {
    const code = event.target.dataset?.code;
    if (!code) return this.tip.hide();
    const row = this.known?.get(code);
    const frame = this.frame.getBoundingClientRect();
    this.tip.show(event.clientX - frame.left, event.clientY - frame.top, el("strong", {}, STATES[code].name), row
      ? el("span", {}, `${format.money(row[this.field])} · ${format.plural(row.orders, "order")}`) : el("span", {}, "no orders"));
  }
}

// opened are the lists of places that the reader has opened, by their title.
const opened = new Set();

// renderPlaces lists countries, regions and the states with the most. Shares are of all countries.
// A region is a filter, and so is a country whose orders are all of the region of its name.
export function renderPlaces(body, data, field, address) {
  const { rows, totals } = data;
  const of = (level) => rows.filter((r) => r.level === level);
  const allOf = (level) => totals.find((t) => t.level === level);
  const countries = of("country");
  if (countries.length === 0) return body.replaceChildren(blank("No orders in this period"));
  const all = Math.max(Number(allOf("country")[field]), 1e-9);
  const line = (label, orders, v) => ({ cells: [label, format.count(orders), amount(v, format.roundMoney), format.percent(Number(v) / all)] });
  const placeOf = (text, changes) => {
    if (!text) return el("span", { className: "soft" }, "not given");
    return changes ? address.link(changes, {}, name(text)) : name(text);
  };
  const byRegion = new Map(of("region").map((r) => [r.region, r]));
  // sums are the totals of the whole list, which may be longer than places.
  const list = (title, places, sums, most, label, filter = () => null) => {
    const shown = opened.has(title) ? places : places.slice(0, most);
    const left = sums.entries - shown.length;
    const lines = shown.map((p) => line(placeOf(label(p), filter(p)), p.orders, p[field]));
    if (left > 0) {
      const others = `and ${format.count(left)} more`;
      const open = el("button", { type: "button", className: "link" }, others);
      open.addEventListener("click", () => {
        opened.add(title);
        renderPlaces(body, data, field, address);
      });
      lines.push(line(opened.has(title) ? others : open, sums.orders - shown.reduce((n, p) => n + p.orders, 0),
        format.decimal(format.units(sums[field]) - format.units(format.total(shown, field)))));
    }
    return table(title, [{ title }, { title: "Orders", num: true }, { title: "Revenue", num: true }, { title: "Share", num: true }], lines);
  };
  const sumsOf = (places) => ({ entries: places.length, orders: places.reduce((n, p) => n + p.orders, 0), [field]: format.total(places, field) });
  const states = usStates(rows);
  // A region is a part of the US, or else a country of its own name, listed above.
  const parts = new Set(states.map((r) => r.region));
  const regions = of("region").filter((r) => parts.has(r.region));
  body.replaceChildren(el("div", { className: "scroll stack" }, list("Country", countries, allOf("country"), TOP_COUNTRIES, (r) => r.country,
    (r) => (byRegion.get(r.country)?.orders === r.orders ? { region: r.country } : null)),
    regions.length > 0 ? list("US region", regions, sumsOf(regions), TOP_COUNTRIES, (r) => r.region, (r) => ({ region: r.region })) : "",
    states.length > 0 ? list("US state", states, sumsOf(states), TOP_STATES, (r) => STATES[r.state].name, (r) => ({ state: r.state })) : ""));
}
