// As of: the head figures as they were known at an earlier moment, beside those of now, and the orders that make the difference.
import { Address } from "./address.js";
import { amount } from "./amount.js";
import { Board } from "./board.js";
import { blank, chip, el, name, table } from "./dom.js";
import * as format from "./format.js";
import { orderLink } from "./links.js";
import { statusName } from "./measure.js";
import { Growing, replaceKeepingFocus } from "./more.js";
import { now } from "./shell.js";
import { setTile } from "./tiles.js";
import { stateOptions } from "./usmap.js";
import { addDays, clockOf, dayOf, ZONE } from "./zone.js";

const byId = (id) => document.getElementById(id);
const FILTERS = ["category", "region", "state", "tier", "status"];
const MOST = 1000; // the API's limit
const list = new Growing(20, 100, MOST);
const NOTHING = { orders_difference: 0, revenue_difference: "0" };

byId("filters").elements.state.append(...stateOptions());
let board = null;
const address = new Address({ names: FILTERS, choices: ["moment"], standard: "7d", onChange: () => {
  list.reset();
  showMoment();
  board?.redraw();
} });

// Without a moment in the address, the API chooses: the beginning of this day, when yesterday was over.
const params = () => ({ ...address.params(), ...(address.get("moment") ? { moment: address.get("moment") } : {}) });

// onClock is a moment of the address as the field for it has it, or "".
function onClock(text) {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return `${addDays(text, 1)}T00:00`;
  if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?$/.test(text)) return text.slice(0, 16);
  const t = Date.parse(text);
  return Number.isNaN(t) ? "" : clockOf(t);
}

// The overview of now, with the same period and filters.
const present = () => {
  const query = address.with({ moment: "" });
  return `/${query.startsWith("?") ? query : ""}`;
};

const JUMPS = [["Yesterday", 0], ["Two days ago", -1], ["A week ago", -6]];

function showMoment() {
  byId("moments").elements.moment.value = onClock(address.get("moment"));
  byId("back").href = present();
  byId("jumps").replaceChildren(...JUMPS.map(([title, days]) => {
    const midnight = `${addDays(dayOf(now()), days)}T00:00`;
    return address.link({ moment: midnight }, { title: `As known when that day was over: ${midnight.replace("T", " ")}` }, title);
  }));
}
byId("moments").addEventListener("submit", (event) => {
  event.preventDefault();
  address.set({ moment: byId("moments").elements.moment.value });
});
showMoment();

const weekday = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, weekday: "long" });
const told = (t) => `${weekday.format(new Date(t))}, ${format.longDate(t)}, ${format.clockSeconds(t)}`;

// banner says of which moment the page is, and leads back to now.
function banner(text, kind = "") {
  const node = byId("earlier");
  node.dataset.kind = kind;
  node.replaceChildren(el("strong", {}, text), " ", el("a", { href: present() }, "Back to now"));
}

const difference = (then, after) => format.decimal(format.units(after) - format.units(then));
const signed = (text, show = format.money) => (Number(text) > 0 ? `+${show(text)}` : show(text));
const signedCount = (n) => (n > 0 ? `+${format.count(n)}` : format.count(n));

// since is beside a tile's name, where there is room for an amount and no word: what has been added since then.
const since = (changed, text) => ({ text: changed ? text : "the same", tone: "none", title: changed ? "since then" : "then and now" });

function figures({ rows: [all], moment: at }) {
  const section = byId("figures");
  const money = (id, field) => {
    const [then, after] = [all[`${field}_then`], all[`${field}_now`]];
    const by = difference(then, after);
    setTile(section, id, {
      figure: format.tileMoney(then), exact: format.money(then), aside: `now ${format.money(after)}`,
      change: since(Number(by) !== 0, signed(by, format.isHuge(by) ? format.shortMoney : format.money)),
    });
  };
  setTile(section, "orders", {
    figure: format.count(all.orders_then), aside: `now ${format.count(all.orders_now)}`,
    change: since(all.orders_then !== all.orders_now, signedCount(all.orders_now - all.orders_then)),
  });
  money("revenue", "revenue");
  money("total", "total_revenue");
  money("refunds", "refunded_revenue");
  section.dataset.state = "ready";
  const text = `As of ${told(at)}`;
  document.title = `${text} · Order pipeline`;
  const field = byId("moments").elements.moment;
  if (!address.get("moment") && document.activeElement !== field) field.value = clockOf(Date.parse(at));
  banner(`${text}: these are not the figures of now.`);
}

const KINDS = [["new", "new"], ["removed", "gone"], ["status", "with another status"], ["refund", "with another refund"], ["amount", "with another amount"], ["other", "of another day, place, tier or category"]];
const TONES = { new: "good", removed: "bad", status: "warn", refund: "warn", amount: "warn" };
const day = (date) => format.longDate(date);

// happened says in a few words what has changed of an order.
function happened(r) {
  switch (r.kind) {
    case "new": return [chip("new", TONES.new), " ", name(statusName(r.status_now))];
    case "removed": return [chip("gone", TONES.removed), " was ", name(statusName(r.status_then))];
    case "status": return [chip("status", TONES.status), " ", name(statusName(r.status_then)), " → ", name(statusName(r.status_now))];
    case "refund": return [chip("refund", TONES.refund), ` ${signed(r.refunded_revenue_difference)} paid back`];
    case "amount": return [chip("amount", TONES.amount), ` ${signed(r.total_revenue_difference)} ordered`];
    default: return [chip(r.order_date_then === r.order_date_now ? "other" : "moved"), r.order_date_then === r.order_date_now ? " hour, place, tier or category" : ` from ${day(r.order_date_then)} to ${day(r.order_date_now)}`];
  }
}

function changed({ totals: [sums = { entries: 0, ...NOTHING }] }) {
  setTile(byId("figures"), "changed", {
    figure: format.count(sums.entries), aside: sums.entries === 0 ? "nothing has changed" : `revenue ${signed(sums.revenue_difference)}`,
  });
}

function orders(body, hint, data, { board: self }) {
  changed(data);
  const [sums] = data.totals;
  if (!sums) {
    hint.textContent = "";
    return body.replaceChildren(blank("Nothing has changed", "What was known then of these orders is what is known now.", "✓"));
  }
  hint.textContent = `${format.plural(sums.entries, "order")}, those that move the revenue most first`;
  const others = list.others(data, self);
  replaceKeepingFocus(body,
    el("ul", { className: "kinds" }, ...KINDS.filter(([kind]) => sums[`${kind}_orders`] > 0).map(([kind, words]) =>
      el("li", {}, `${format.count(sums[`${kind}_orders`])} ${words}: `, amount(sums[`${kind}_revenue`], signed)))),
    el("div", { className: "scroll", tabIndex: 0, role: "group", ariaLabel: "Orders that have changed" }, table("Orders that have changed since then", [
      { title: "Order" }, { title: "What happened" }, { title: "Day", wide: true },
      { title: "Revenue then", num: true, wide: true }, { title: "Revenue now", num: true, wide: true }, { title: "Difference", num: true }, { title: "Ordered value", num: true, wide: true }, { title: "Paid back", num: true, wide: true },
    ], data.rows.map((r) => ({
      cells: [orderLink(r.order_id), el("span", {}, ...happened(r)), day(r.order_date_now ?? r.order_date_then), amount(r.revenue_then), amount(r.revenue_now),
        amount(r.revenue_difference, signed), amount(r.total_revenue_difference, signed), amount(r.refunded_revenue_difference, signed)],
    })))),
    others ? el("p", { className: "more" }, others) : null,
    el("p", { className: "hint" }, `In all: ${signedCount(sums.orders_difference)} orders, revenue `, amount(sums.revenue_difference, signed), ", ordered value ", amount(sums.total_revenue_difference, signed),
      ", paid back ", amount(sums.refunded_revenue_difference, signed), "."));
}

// sides is a table of figures then and now.
function sides(body, rows, caption, title, cell) {
  if (rows.length === 0) return body.replaceChildren(blank("No orders in this period", "Neither then nor now."));
  body.replaceChildren(el("div", { className: "scroll", tabIndex: 0, role: "group", ariaLabel: caption }, table(caption, [
    { title }, { title: "Orders then", num: true, wide: true }, { title: "Now", num: true, wide: true }, { title: "Revenue then", num: true }, { title: "Now", num: true }, { title: "Difference", num: true },
  ], rows.map((r) => ({
    cells: [cell(r), format.count(r.orders_then), format.count(r.orders_now), amount(r.revenue_then), amount(r.revenue_now), amount(difference(r.revenue_then, r.revenue_now), signed)],
  })))));
}

// unknown says why there is nothing to tell of the moment.
function unknown(error) {
  if (error.status !== 400) return false;
  const section = byId("figures");
  for (const tile of section.children) setTile(section, tile.dataset.tile, { figure: "–", aside: "not known" });
  section.dataset.state = "ready";
  document.title = "As of · Order pipeline";
  banner(error.message, "error");
  return true;
}

// silent leaves it to the banner to say it.
const silent = (error, body) => {
  if (error.status !== 400) return false;
  body.replaceChildren(blank("Not known", "The line above says why."));
  return true;
};

board = new Board([
  { place: null, marks: ["figures", "earlier"], path: "as-of", render: (body, hint, data) => figures(data), fail: unknown },
  {
    place: null, alone: true, path: "filter-values", params: () => ({ ...address.period().params, limit: String(MOST) }),
    render(body, hint, { rows }) {
      for (const filter of ["category", "region", "tier"]) address.offer(filter, rows.filter((r) => r.filter === filter).map((r) => r.value));
    },
    fail: () => true, // the other panels say it
  },
  { id: "then-orders", path: "as-of/orders", params: () => ({ limit: String(list.limit) }), render: orders, fail: silent },
  {
    id: "then-days", path: "as-of", rows: (data) => data.rows.filter((r) => r.level === "day"), fail: silent,
    render: (body, hint, { rows }) => sides(body, rows.filter((r) => r.level === "day").toReversed(), "Figures by day, then and now", "Day", (r) => day(r.order_date)),
  },
  {
    id: "then-statuses", path: "as-of", rows: (data) => data.rows.filter((r) => r.level === "status"), fail: silent,
    render: (body, hint, { rows }) => sides(body, rows.filter((r) => r.level === "status"), "Figures by status, then and now", "Status", (r) => statusName(r.payment_status)),
  },
], { params });
