// A consumer that agrees with the warehouse to the cent: it keeps what orders-validated and
// files-completed bring in a database of its own, in whatever order and however often it comes,
// tells which orders count, and compares days with the warehouse.
//
//   node ledger.js --orders <subscription>[,...] --files <subscription>[,...]   writes the balance as it changes
//   node ledger.js --list                                                       lists the orders that count
//   node ledger.js --reconcile 2026-11-01[/2026-11-30]                          compares days with the warehouse
//
// It knows nothing of the sandbox: the client libraries read GOOGLE_CLOUD_PROJECT,
// PUBSUB_EMULATOR_HOST and BIGQUERY_EMULATOR_HOST.
import { parseArgs } from 'node:util';
import { consume } from './consume.js';
import { reconcile } from './reconcile.js';
import { Store } from './store.js';

const usage = `usage: node ledger.js --orders <subscription>[,...] --files <subscription>[,...]
       node ledger.js --list
       node ledger.js --reconcile <day>[/<day>] [--dataset <dataset>]
each with --store <file>, ledger.db if there is none`;

let options;
try {
  options = parseArgs({
    options: {
      orders: { type: 'string' },
      files: { type: 'string' },
      store: { type: 'string', default: 'ledger.db' },
      list: { type: 'boolean' },
      reconcile: { type: 'string' },
      dataset: { type: 'string', default: 'ecommerce_data' },
    },
  }).values;
  if (!options.list && !options.reconcile && !(options.orders && options.files)) throw new Error('nothing to do');
} catch (error) {
  console.error(`${error.message}\n${usage}`);
  process.exit(2);
}

const store = new Store(options.store);
const write = (line) => process.stdout.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`);
try {
  if (options.list) {
    for (const order of store.counted('', '9999-12-31')) write(`${order.id} ${order.total} ${order.status}`);
  } else if (options.reconcile) {
    if (!(await reconcile(store, options.dataset, options.reconcile, write))) {
      console.error('the ledger and the warehouse differ');
      process.exitCode = 1;
    }
  } else {
    await consume(store, options.orders.split(','), options.files.split(','), write);
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  store.close();
}
