// What "revenue" stands for on the overview: which fields of the API are shown, and their name.
const PAID = { key: "", revenue: "revenue", average: "avg_order_value", orders: "paid_orders", title: "Revenue", of: "paid, after refunds" };
const ALL = { key: "all", revenue: "total_revenue", average: "total_avg_order_value", orders: "orders", title: "Ordered value", of: "all orders, before refunds" };

export const statusName = (status) => status.replaceAll("_", " ");

// measureOf is the measure that the address asks for. With one status chosen there is nothing to choose:
// what those orders are worth.
export function measureOf(address) {
  const status = address.get("status");
  if (status) return { ...ALL, title: "Order value", of: `${statusName(status)} orders` };
  return address.get("revenue") === ALL.key ? ALL : PAID;
}
