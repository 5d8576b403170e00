// The store: SQLite, with the tables and views of the example in Go, which decide which orders count.
// One process writes to it, while others read.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'libsql';
import { billionths, decimal } from './money.js';

const schema = readFileSync(path.join(import.meta.dirname, '../ledger/store.sql'), 'utf8');
const flag = (value) => (value ? 1n : 0n);

export class Store {
  #db;
  #statements;

  constructor(file) {
    this.#db = new Database(file);
    // A commit is on disk when it returns, and readers do not stop the writer.
    for (const pragma of ['busy_timeout = 10000', 'journal_mode = WAL', 'synchronous = FULL']) this.#db.pragma(pragma);
    this.#db.exec(schema);
    const prepare = (sql) => this.#db.prepare(sql);
    this.#statements = {
      record: prepare('INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?, ?, ?)'),
      restored: prepare('INSERT OR REPLACE INTO restored VALUES (?, ?, ?, ?, ?)'),
      known: prepare('SELECT revision, not_republished FROM files WHERE file_id = ?').safeIntegers(true),
      file: prepare('INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
      forget: prepare('DELETE FROM left_out WHERE file_id = ?'),
      leftOut: prepare('INSERT INTO left_out VALUES (?, ?, ?, ?)'),
      balance: prepare('SELECT orders, units, nanos, waiting FROM balance').safeIntegers(true),
      counted: prepare(`SELECT order_id, order_date, payment_status, units, nanos FROM counted
        WHERE order_date BETWEEN ? AND ? ORDER BY order_id`).safeIntegers(true),
    };
  }

  close() {
    this.#db.close();
  }

  // together has the calls in body be one transaction: all that they keep, or nothing.
  together(body) {
    this.#db.transaction(body).immediate();
  }

  putOrder(order) {
    this.#statements.record.run(order.parseId, order.index, order.orderId, order.date, order.status, order.units, order.nanos);
  }

  // putFile keeps what became of a file, unless that of a later revision is known.
  putFile(done) {
    const { restored, known, file, forget, leftOut } = this.#statements;
    // What is restored stays so whatever becomes of this file.
    for (const r of done.restored) restored.run(r.fileId, r.parseId, r.first, r.last, r.transaction);
    // Records that were published before the subscription was made came from the warehouse, if they
    // did; of two announcements of a revision, the republished one says how many did not.
    const have = known.get(done.fileId);
    if (have && (have.revision > done.revision || (have.revision === done.revision && have.not_republished > done.notRepublished))) return;
    file.run(done.fileId, done.parseId, done.revision, flag(done.counts), done.records, done.notRepublished, done.transaction, flag(done.truncated));
    forget.run(done.fileId);
    for (const r of done.leftOut) leftOut.run(done.fileId, r.first, r.last, flag(r.refused));
  }

  // balance is what the orders that count come to. Until no file is waiting, the sums are not final.
  balance() {
    const { orders, units, nanos, waiting } = this.#statements.balance.get();
    return { orders: Number(orders), total: decimal(billionths(units, nanos)), waiting: Number(waiting) };
  }

  // counted gives the orders of some days that count, sorted by id.
  *counted(from, to) {
    for (const row of this.#statements.counted.iterate(from, to)) {
      yield { id: row.order_id, day: row.order_date, total: decimal(billionths(row.units, row.nanos)), status: row.payment_status };
    }
  }
}
