// A downstream consumer of validated orders. It knows nothing of the sandbox:
// the client library reads PUBSUB_EMULATOR_HOST and GOOGLE_CLOUD_PROJECT.
//
//   node consumer.js <subscription> [folder of the protos]
//
// It prints one line of JSON per order, each order once: deliveries repeat, so
// it keeps what it has seen by (order_id, content_hash). A real consumer keeps
// that where its effects are kept, in the same transaction.
import path from 'node:path';
import { PubSub } from '@google-cloud/pubsub';
import protobuf from 'protobufjs';

const [subscriptionId, protos = path.join(import.meta.dirname, '../../../proto')] = process.argv.slice(2);
if (!subscriptionId) {
  console.error('usage: node consumer.js <subscription> [folder of the protos]');
  process.exit(2);
}

const root = new protobuf.Root();
root.resolvePath = (_, target) => {
  if (target.startsWith('google/protobuf/')) return target; // protobufjs brings these along
  return path.join(protos, target.startsWith('google/') ? 'third_party' : '', target);
};
await root.load('ecommerce/orders/v1/order.proto');
const Order = root.lookupType('ecommerce.orders.v1.Order');

// decimal writes a google.type.Money exactly; a JavaScript number could not.
function decimal({ units, nanos }) {
  const total = BigInt(units) * 1_000_000_000n + BigInt(nanos);
  const digits = (total < 0n ? -total : total).toString().padStart(10, '0');
  return `${total < 0n ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

const seen = new Set();
const subscription = new PubSub().subscription(subscriptionId);

subscription.on('message', (message) => {
  try {
    const order = Order.toObject(Order.decode(message.data), { longs: String, defaults: true });
    const hash = message.attributes.content_hash;
    const key = JSON.stringify([order.orderId, hash]);
    if (!seen.has(key)) {
      seen.add(key);
      const total = decimal(order.totalAmount);
      process.stdout.write(`${JSON.stringify({ order_id: order.orderId, content_hash: hash, total, lines: order.items.length })}\n`);
    }
    message.ack();
  } catch (error) {
    console.error(`message ${message.id}: ${error.message}`);
    message.nack(); // the subscription's dead-letter policy ends the repetition
  }
});
subscription.on('error', (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
process.on('SIGTERM', () => subscription.close());
