// The messages, read by their definitions in proto/.
import path from 'node:path';
import protobuf from 'protobufjs';

const protos = path.join(import.meta.dirname, '../../../proto');
const root = new protobuf.Root();
root.resolvePath = (_, target) => {
  if (target.startsWith('google/protobuf/')) return target; // protobufjs brings these along
  return path.join(protos, target.startsWith('google/') ? 'third_party' : '', target);
};
await root.load(['ecommerce/orders/v1/order.proto', 'ecommerce/pipeline/v1/file.proto']);
const Order = root.lookupType('ecommerce.orders.v1.Order');
const FileCompleted = root.lookupType('ecommerce.pipeline.v1.FileCompleted');
const { FILE_KIND_ORDERS } = root.lookupEnum('ecommerce.pipeline.v1.FileKind').values;
const { VERDICT_LOADED } = root.lookupEnum('ecommerce.pipeline.v1.Verdict').values;
const { RECORD_OUTCOME_REFUSED } = root.lookupEnum('ecommerce.pipeline.v1.RecordOutcome').values;

const int = (value) => BigInt(value.toString()); // a Long, or the number 0 of a field that is not set

// readOrder gives what the ledger keeps of an order.
export function readOrder(message) {
  const order = Order.decode(message.data);
  const { parseId, recordIndex } = order.source ?? {};
  if (!parseId || !order.totalAmount) throw new Error('an order without its source or its total');
  return {
    parseId,
    index: int(recordIndex),
    orderId: order.orderId,
    date: message.attributes.order_date ?? '',
    status: order.paymentStatusText,
    units: int(order.totalAmount.units),
    nanos: int(order.totalAmount.nanos),
  };
}

// readCompleted gives what became of a file.
export function readCompleted(message) {
  const done = FileCompleted.decode(message.data);
  if (!done.file) throw new Error('a completion without its file');
  const range = (r) => ({ first: int(r.first), last: int(r.last) });
  return {
    fileId: done.file.fileId,
    parseId: done.parseId,
    revision: int(done.revision),
    counts: done.file.kind === FILE_KIND_ORDERS && done.verdict === VERDICT_LOADED,
    records: int(done.records) - int(done.rejected) - int(done.notRepublished),
    notRepublished: int(done.notRepublished),
    transaction: int(done.transactionNumber),
    truncated: done.leftOutTruncated,
    leftOut: done.leftOut.map((r) => ({ ...range(r), refused: r.outcome === RECORD_OUTCOME_REFUSED })),
    restored: done.restored.map((r) => ({ ...range(r), fileId: r.fileId, parseId: r.parseId, transaction: int(r.transactionNumber) })),
  };
}
