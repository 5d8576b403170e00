// Exact amounts: BigInt billionths, where a JavaScript number would round.

const PER_UNIT = 1_000_000_000n;

// billionths of units and nanos, as google.type.Money has them.
export const billionths = (units, nanos) => BigInt(units) * PER_UNIT + BigInt(nanos);

// parse reads a decimal number with at most nine decimals.
export function parse(text) {
  const match = /^(-?)(\d+)(?:\.(\d{1,9}))?$/.exec(text);
  if (!match) throw new Error(`${text} is no amount`);
  const n = billionths(match[2], (match[3] ?? '').padEnd(9, '0'));
  return match[1] ? -n : n;
}

// decimal writes billionths exactly and without needless zeros.
export function decimal(n) {
  const digits = (n < 0n ? -n : n).toString().padStart(10, '0');
  const fraction = digits.slice(-9).replace(/0+$/, '');
  return `${n < 0n ? '-' : ''}${digits.slice(0, -9)}${fraction && `.${fraction}`}`;
}
