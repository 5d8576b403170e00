// The shop's clock: every day and hour on the pages is its.
export const ZONE = document.body.dataset.zone || "UTC";

const DAY = 86_400_000;
const shown = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" });

// wall is what the clock shows at an instant, as UTC's clock would show it.
function wall(t) {
  if (ZONE === "UTC") return t;
  const part = Object.fromEntries(shown.formatToParts(new Date(t)).map((p) => [p.type, Number(p.value)]));
  return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second) + (((t % 1000) + 1000) % 1000);
}

const isoDate = (t) => new Date(t).toISOString().slice(0, 10);

// dayOf is the day of an instant, such as 2026-11-01.
export const dayOf = (t) => isoDate(wall(t));

// addDays counts days on from a day.
export const addDays = (day, n) => isoDate(Date.parse(day) + n * DAY);

// startOf is the instant at which a day begins; days have 23 to 25 hours where the clock is changed.
export function startOf(day) {
  const midnight = Date.parse(day);
  const before = midnight - (wall(midnight - DAY) - (midnight - DAY));
  const after = midnight - (wall(midnight + DAY) - (midnight + DAY));
  return wall(before) !== midnight && wall(after) === midnight ? after : before;
}

// isStart tells whether a day begins at an instant.
export const isStart = (t) => startOf(dayOf(t)) === t;

// starts are the instants from which the days that cover [from, to) begin.
export function starts(from, to) {
  const list = [];
  for (let day = dayOf(from); startOf(day) < to; day = addDays(day, 1)) list.push(startOf(day));
  return list;
}
