// The period, which lives in the page's address: ?period=7d, or ?from=&to=.
import { el } from "./dom.js";
import * as format from "./format.js";

const DAY = 86_400_000;
const PERIODS = [
  { key: "1d", title: "Today", days: 1 },
  { key: "7d", title: "7 days", days: 7 },
  { key: "31d", title: "31 days", days: 31 },
  { key: "90d", title: "90 days", days: 90 },
];
const DEFAULT = "31d";

// currentPeriod reads the address. Days are whole and UTC, today included.
export function currentPeriod(now) {
  const query = new URLSearchParams(location.search);
  const from = query.get("from");
  const to = query.get("to");
  if (from && to) return { key: "", params: { from, to } };
  const chosen = PERIODS.find((p) => p.key === query.get("period")) ?? PERIODS.find((p) => p.key === DEFAULT);
  const today = Math.floor(now / DAY) * DAY;
  const iso = (t) => new Date(t).toISOString().slice(0, 10);
  return { key: chosen.key, params: { from: iso(today - (chosen.days - 1) * DAY), to: iso(today) } };
}

// renderPeriods draws the choice as links, so that a period can be bookmarked.
export function renderPeriods(nav, current, onChange) {
  const link = (title, search, isCurrent) => {
    const a = el("a", { href: search }, title);
    if (isCurrent) a.setAttribute("aria-current", "true");
    a.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      history.pushState(null, "", search);
      onChange();
    });
    return a;
  };
  const links = PERIODS.map((p) => link(p.title, `?period=${p.key}`, p.key === current.key));
  if (current.key === "") links.push(link(`${current.params.from} – ${current.params.to}`, location.search, true));
  nav.replaceChildren(...links);
}

// hintElsewhere says where the data is when the period holds none.
export function hintElsewhere(notice, summary, onChange) {
  const { orders, newest_order_hour: newest } = summary.rows[0];
  notice.hidden = orders > 0;
  if (orders > 0) return;
  if (newest === null) {
    notice.replaceChildren("No orders yet. They appear here within a second of a file's landing in landing/orders/.");
    return;
  }
  const end = Math.floor(Date.parse(newest) / DAY) * DAY;
  const iso = (t) => new Date(t).toISOString().slice(0, 10);
  const search = `?from=${iso(end - 6 * DAY)}&to=${iso(end)}`;
  const link = el("a", { href: search }, "Show the week that ends with it");
  link.addEventListener("click", (event) => {
    event.preventDefault();
    history.pushState(null, "", search);
    onChange();
  });
  notice.replaceChildren(`No orders in this period. The newest order is of ${format.longDate(newest)}. `, link);
}
