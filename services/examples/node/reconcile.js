// Reconciling: each order of some days, as the ledger and as the warehouse have it.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { BigQuery } from '@google-cloud/bigquery';
import { decimal, parse } from './money.js';

const query = readFileSync(path.join(import.meta.dirname, '../ledger/day.sql'), 'utf8');

// reconcile compares the days of an interval, 2026-11-01 or 2026-11-01/2026-11-30. It writes a line
// a day, before these one for each order that differs, and tells whether none does.
export async function reconcile(store, dataset, interval, write) {
  const [from, to = from, ...more] = interval.split('/');
  if (more.length > 0 || !isDay(from) || !isDay(to)) {
    throw new Error('--reconcile takes a day, such as 2026-11-01, or the first and the last with a / between');
  }
  // The warehouse first: what it loads from then on can only be missing there. A day that no file
  // changes any more is exact in any case.
  const warehouse = await readWarehouse(dataset, from, to);
  const { waiting } = store.balance();
  const days = new Map();
  const dayOf = (day) => {
    if (!days.has(day)) days.set(day, { orders: 0, total: 0n, warehouseOrders: 0, warehouseTotal: 0n, differing: 0 });
    return days.get(day);
  };
  for (let day = from; day <= to; day = nextDay(day)) dayOf(day);
  for (const order of warehouse.values()) {
    const day = dayOf(order.day);
    day.warehouseOrders++;
    day.warehouseTotal += parse(order.total);
  }
  const differs = (id, ledger, theirs) => {
    dayOf((ledger ?? theirs).day).differing++;
    write({ order_id: id, ledger, warehouse: theirs });
  };
  for (const { id, ...mine } of store.counted(from, to)) {
    const day = dayOf(mine.day);
    day.orders++;
    day.total += parse(mine.total);
    const theirs = warehouse.get(id) ?? null;
    warehouse.delete(id);
    if (!theirs || ['day', 'total', 'status'].some((key) => mine[key] !== theirs[key])) differs(id, mine, theirs);
  }
  for (const [id, theirs] of warehouse) differs(id, null, theirs); // what the ledger lacks

  let exact = waiting === 0;
  for (const [name, day] of [...days].sort(([a], [b]) => (a < b ? -1 : 1))) {
    exact &&= day.differing === 0;
    write({
      day: name,
      orders: day.orders,
      total: decimal(day.total),
      warehouse_orders: day.warehouseOrders,
      warehouse_total: decimal(day.warehouseTotal),
      differing: day.differing,
      waiting,
    });
  }
  return exact;
}

const isDay = (text) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text);

function nextDay(text) {
  const day = new Date(text);
  day.setUTCDate(day.getUTCDate() + 1);
  return day.toISOString().slice(0, 10);
}

// readWarehouse asks for the orders of some days, by id.
async function readWarehouse(datasetId, from, to) {
  const bigquery = new BigQuery();
  const [rows] = await bigquery.query({
    query,
    params: { from_date: BigQuery.date(from), to_date: BigQuery.date(to) },
    defaultDataset: { datasetId },
    labels: { service: 'ledger', task: 'reconcile', statement: 'day' },
  });
  return new Map(rows.map((row) => [row.order_id, { day: row.order_date, total: row.total, status: row.payment_status }]));
}
