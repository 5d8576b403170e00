// Consuming: what all subscriptions bring is kept until the process is told to end.
import { PubSub } from '@google-cloud/pubsub';
import { readCompleted, readOrder } from './messages.js';

const BATCH = 1000;

// consume writes the balance whenever it may have changed.
export async function consume(store, orders, files, write) {
  const pubsub = new PubSub();
  const batches = new Batches(store, balances(store, write));
  const open = (name, keep) => {
    const subscription = pubsub.subscription(name, { flowControl: { maxMessages: 4 * BATCH } });
    subscription.on('message', (message) => batches.add(message, keep));
    return subscription;
  };
  const subscriptions = [
    ...orders.map((name) => open(name, (message) => store.putOrder(readOrder(message)))),
    ...files.map((name) => open(name, (message) => store.putFile(readCompleted(message)))),
  ];
  try {
    await new Promise((resolve, reject) => {
      for (const subscription of subscriptions) subscription.on('error', reject);
      for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, resolve);
    });
  } finally {
    batches.end();
    await Promise.all(subscriptions.map((subscription) => subscription.close()));
    await pubsub.close();
  }
}

// Batches keep messages together: a commit waits for the disk, and thousands of messages a second
// cannot wait each for its own.
class Batches {
  #store;
  #changed;
  #waiting = [];
  #ended = false;

  constructor(store, changed) {
    this.#store = store;
    this.#changed = changed;
  }

  add(message, keep) {
    if (this.#ended) {
      message.nack();
      return;
    }
    this.#waiting.push({ message, keep });
    if (this.#waiting.length === 1) setImmediate(() => this.#flush());
    if (this.#waiting.length >= BATCH) this.#flush();
  }

  // end keeps what has come, and nothing from then on.
  end() {
    this.#flush();
    this.#ended = true;
    this.#changed.end();
  }

  #flush() {
    const batch = this.#waiting;
    this.#waiting = [];
    if (batch.length === 0) return;
    try {
      this.#store.together(() => {
        for (const { message, keep } of batch) keep(message);
      });
      for (const { message } of batch) message.ack(); // what they said is on disk
    } catch {
      // One that cannot be kept does not hold up the others.
      for (const { message, keep } of batch) this.#flushOne(message, keep);
    }
    this.#changed.soon();
  }

  #flushOne(message, keep) {
    try {
      this.#store.together(() => keep(message));
      message.ack();
    } catch (error) {
      console.error(`message ${message.id}: ${error.message}`);
      message.nack(); // the subscription's dead-letter policy ends the repetition
    }
  }
}

// balances writes the balance after changes. To compute it takes the longer the more orders there are,
// so it rests nine times as long as that took: a tenth of the time is for counting.
function balances(store, write) {
  let timer;
  let stale = false;
  const count = () => {
    const begun = performance.now();
    stale = false;
    write(store.balance());
    timer = setTimeout(() => {
      timer = undefined;
      if (stale) count();
    }, 9 * (performance.now() - begun));
  };
  return {
    soon() {
      stale = true;
      timer ??= setTimeout(count, 0);
    },
    end() {
      clearTimeout(timer);
    },
  };
}
