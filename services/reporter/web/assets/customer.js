// One customer: what was ordered in all, each order, and whether the churn report worries.
import { Board } from "./board.js";
import { blank, chip, el, name, table } from "./dom.js";
import * as format from "./format.js";
import { idOf, orderLink } from "./links.js";
import { statusName } from "./measure.js";
import { Growing, replaceKeepingFocus } from "./more.js";
import { setTile } from "./tiles.js";

const byId = (id) => document.getElementById(id);
const customerID = idOf();
const growing = new Growing(20, 80);
const whole = { path: `customers/${encodeURIComponent(customerID)}`, params: () => ({ limit: String(growing.limit) }) };
const LEVELS = { high: "bad", medium: "warn", low: "good" };

function head({ customer: [c] }) {
  byId("customer-name").replaceChildren(name(c.customer_name ?? c.customer_id));
  document.title = `${c.customer_name ?? c.customer_id} · Order pipeline`;
  byId("about").replaceChildren(...["Customer ", name(c.customer_id, "name mono"), ", tier ", el("a", { href: `/?${new URLSearchParams({ tier: c.customer_tier })}` }, name(c.customer_tier)),
    c.registration_date === null ? "" : `, registered ${format.longDate(c.registration_date)}`, c.is_active === false ? " " : "", c.is_active === false ? chip("not active", "warn") : ""].filter(Boolean));
  const section = byId("customer");
  const set = (id, texts) => setTile(section, id, texts);
  set("orders", { figure: format.count(c.orders), aside: `on ${format.plural(c.order_days, "day")}` });
  set("revenue", { figure: format.tileMoney(c.revenue), exact: format.money(c.revenue), aside: "paid, after refunds" });
  set("aov", { figure: format.money(c.avg_order_value), aside: format.plural(c.paid_orders, "paid order") });
  const day = (t) => (t === null ? "–" : format.longDate(t));
  const time = (t) => (t === null ? "no order yet" : format.clock(t));
  set("first", { figure: day(c.first_order_at), aside: time(c.first_order_at) });
  set("last", { figure: day(c.last_order_at), aside: time(c.last_order_at) });
  section.dataset.state = "ready";
}

function missing() {
  byId("customer-name").textContent = "No such customer";
  byId("about").replaceChildren("No catalog names such a customer, and no order is of one.");
  for (const tile of byId("customer").children) setTile(byId("customer"), tile.dataset.tile, { figure: "–" });
  byId("customer").dataset.state = "ready";
}
// unknown deals with a customer that there is not.
const unknown = (show) => (error, body) => {
  if (error.status !== 404) return false;
  show(body);
  return true;
};
const nothing = (body) => body.replaceChildren(blank("Nothing", "There is no such customer."));

new Board([
  { ...whole, place: null, marks: ["customer"], render: (body, hint, data) => head(data), fail: unknown(missing) },
  {
    ...whole,
    id: "churn",
    rows: (data) => data.churn,
    render(body, hint, { churn: [r] }) {
      hint.replaceChildren(...(r ? [el("a", { href: `/reports?report=churn-risk&date=${r.report_date}#preview` }, `report of ${format.longDate(r.report_date)}`)] : []));
      if (!r) return body.replaceChildren(blank("Not known yet", "No churn report has been made."));
      if (r.risk_level === null) return body.replaceChildren(blank("Not in the report", "The last order is recent, by the customer's own rhythm.", "✓"));
      const days = (v) => (v === null ? "–" : `${format.rounded(v)} days`);
      const fact = (title, value) => el("div", {}, el("dt", {}, title), el("dd", {}, value));
      body.replaceChildren(el("p", {}, chip(`${r.risk_level} risk`, LEVELS[r.risk_level])), el("dl", { className: "facts wide" },
        fact("Gone with a probability of", format.percent(Number(r.risk_score))), fact("Days since the last order", format.count(r.days_since_last_order)),
        fact("Usual interval", days(r.usual_interval_days)), fact("Expected interval", days(r.expected_interval_days)),
        fact("Lifetime value", format.money(r.lifetime_value)), fact("Expected value", format.money(r.expected_value)), fact("Value at risk", format.money(r.value_at_risk))));
    },
    fail: unknown(nothing),
  },
  {
    ...whole,
    id: "orders",
    render(body, hint, data, { board }) {
      hint.textContent = data.rows.length > 0 ? "newest first" : "";
      if (data.rows.length === 0) return body.replaceChildren(blank("No orders", "The catalog names the customer, and no order does."));
      replaceKeepingFocus(body, el("div", { className: "scroll" }, table("Orders of the customer, newest first", [
        { title: "Order" }, { title: "Placed", wide: true }, { title: "Status" }, { title: "Amount", num: true }, { title: "Revenue", num: true },
      ], data.rows.map((r) => ({
        cells: [orderLink(r.order_id), format.moment(r.order_timestamp), el("bdi", {}, statusName(r.payment_status)), format.money(r.total_revenue), format.money(r.revenue)],
      })))), growing.button(data, "Show older orders", board, ""));
    },
    fail: unknown(nothing),
  },
]);
