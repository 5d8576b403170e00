// How the value of all orders becomes the revenue: each part is a link to its orders.
import { el } from "./dom.js";
import * as format from "./format.js";
import { statusName } from "./measure.js";

const PARTS = [
  ["failed", "failed_revenue"], ["cancelled", "cancelled_revenue"], ["pending", "pending_revenue"], ["other", "other_revenue"],
];

// showBridge writes the line below the head figures. With a status chosen there is nothing to explain.
export function showBridge(node, s, address) {
  const to = (changes, text, title) => address.link(changes, { title }, text);
  if (address.get("status")) {
    node.replaceChildren(el("span", {}, `Only ${statusName(address.get("status"))} orders. `), to({ status: "" }, "Show all statuses", ""));
    return;
  }
  const parts = PARTS.filter(([, field]) => Number(s[field]) !== 0).map(([status, field]) =>
    el("span", {}, ` − ${status} `, to({ status, revenue: "" }, format.shortMoney(s[field]), `${format.money(s[field])}: show only these orders`)));
  const back = Number(s.paid_back_revenue) === 0 ? "" : el("span", { title: format.money(s.paid_back_revenue) }, ` − paid back ${format.shortMoney(s.paid_back_revenue)}`);
  node.replaceChildren("Ordered ", to({ revenue: "all" }, format.shortMoney(s.total_revenue), `${format.money(s.total_revenue)}: show all orders`), ...parts, back,
    " = revenue ", to({ revenue: "" }, format.shortMoney(s.revenue), `${format.money(s.revenue)}: show what was paid, after refunds`));
}
