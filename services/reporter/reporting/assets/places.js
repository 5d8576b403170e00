// Where orders ship to: the states as a map of equal tiles, regions and countries.
import { bars, blank, el, name } from "./dom.js";
import * as format from "./format.js";

// Each state has one tile, laid out as its neighbours lie: "row column".
// The layout is the common square grid of the 50 states and the capital.
const TILES = {
  AK: [1, 1], ME: [1, 12], VT: [2, 11], NH: [2, 12],
  WA: [3, 2], ID: [3, 3], MT: [3, 4], ND: [3, 5], MN: [3, 6], IL: [3, 7], WI: [3, 8], MI: [3, 9], NY: [3, 10], RI: [3, 11], MA: [3, 12],
  OR: [4, 2], NV: [4, 3], WY: [4, 4], SD: [4, 5], IA: [4, 6], IN: [4, 7], OH: [4, 8], PA: [4, 9], NJ: [4, 10], CT: [4, 11],
  CA: [5, 2], UT: [5, 3], CO: [5, 4], NE: [5, 5], MO: [5, 6], KY: [5, 7], WV: [5, 8], VA: [5, 9], MD: [5, 10], DE: [5, 11],
  AZ: [6, 3], NM: [6, 4], KS: [6, 5], AR: [6, 6], TN: [6, 7], NC: [6, 8], SC: [6, 9], DC: [6, 10],
  OK: [7, 5], LA: [7, 6], MS: [7, 7], AL: [7, 8], GA: [7, 9],
  HI: [8, 1], TX: [8, 5], FL: [8, 10],
};
const US = new Set(["US", "USA", "UNITED STATES", "UNITED STATES OF AMERICA"]);
const LIST = 8;

export function renderPlaces(body, data) {
  const of = (level) => data.rows.filter((r) => r.level === level);
  const regions = of("region");
  if (regions.length === 0) {
    body.replaceChildren(blank("No orders in this period"));
    return;
  }
  body.replaceChildren(el("div", { className: "places" },
    el("div", {}, el("h3", {}, "US states"), map(of("state"))),
    el("div", {}, el("h3", {}, "Regions"), list(regions, (r) => r.region)),
    el("div", {}, el("h3", {}, "Countries"), list(of("country"), (r) => r.country, "var(--second)"))));
}

function map(states) {
  const known = new Map();
  const elsewhere = [];
  for (const s of states) {
    const code = (s.state ?? "").trim().toUpperCase();
    const inUS = US.has((s.country ?? "").trim().toUpperCase());
    if (inUS && code in TILES && !known.has(code)) known.set(code, s);
    else elsewhere.push(s);
  }
  const most = Math.max(...[...known.values()].map((s) => Number(s.revenue)), 0);
  const grid = el("div", {
    className: "states",
    attrs: { role: "img", "aria-label": `Revenue by US state: ${[...known].map(([code, s]) => `${code} ${format.roundMoney(s.revenue)}`).join(", ") || "none"}` },
  });
  for (const [code, [row, column]] of Object.entries(TILES)) {
    const state = known.get(code);
    const share = state && most > 0 ? Number(state.revenue) / most : 0;
    const tile = el("span", {
      title: state ? `${code}: ${format.money(state.revenue)}, ${format.count(state.orders)} orders` : `${code}: no orders`,
      data: state ? { has: "", ...(share > 0.8 ? { strong: "" } : {}) } : {},
      vars: { share: share.toFixed(4) },
    }, code);
    tile.style.gridArea = `${row} / ${column}`;
    grid.append(tile);
  }
  return elsewhere.length === 0 ? grid : el("div", {}, grid, el("p", { className: "hint" },
    `Elsewhere: ${format.count(elsewhere.reduce((n, s) => n + s.orders, 0))} orders`));
}

function list(places, label, tone) {
  const shown = places.slice(0, LIST);
  const most = Number(shown[0]?.revenue ?? 0);
  const items = shown.map((p) => ({
    label: label(p) ? name(label(p)) : el("span", { className: "soft" }, "not given"),
    title: label(p) ?? "",
    value: el("span", {}, format.roundMoney(p.revenue), el("span", { className: "soft" }, `${format.shortCount(p.orders)} orders`)),
    share: most > 0 ? Number(p.revenue) / most : 0,
    tone,
  }));
  const rest = places.length - shown.length;
  return el("div", {}, bars(items), rest > 0 ? el("p", { className: "hint" }, `and ${rest} more`) : null);
}
