// What a period is compared with, in words.
import * as format from "./format.js";

const HOW = {
  "": "the period before",
  weekdays: "the same weekdays before",
  year: "last year, whole weeks before so that weekdays match",
};

// compared tells of which period the changes are, and whether there was anything.
export function compared(data, choice) {
  if (!data.previous_period) return "Compared with no other period.";
  const span = `${format.span(data.previous_period.from, data.previous_period.to)} (${HOW[choice] ?? choice})`;
  return data.previous[0].orders === 0 ? `Nothing to compare with: no orders in ${span}.` : `Compared with ${span}.`;
}
