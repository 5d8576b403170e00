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

// clockOf is what the clock shows at an instant, to the minute, such as 2026-11-01T09:30.
export const clockOf = (t) => new Date(wall(t)).toISOString().slice(0, 16);

// addDays counts days on from a day.
export const addDays = (day, n) => isoDate(Date.parse(day) + n * DAY);

// showing is the instant at which the clock shows a time: the first of two, and where it shows none, by the offset of before.
function showing(time) {
  const before = time - (wall(time - DAY) - (time - DAY));
  const after = time - (wall(time + DAY) - (time + DAY));
  return wall(before) !== time && wall(after) === time ? after : before;
}

// startOf is the instant at which a day begins; days have 23 to 25 hours where the clock is changed.
export const startOf = (day) => showing(Date.parse(day));

// hourOf is the instant at which the clock shows a full hour of a day.
export const hourOf = (day, hour) => showing(Date.parse(day) + hour * 3_600_000);

// Shift leads from one period to another, whose beginning the clock shows as much later.
export class Shift {
  constructor(from, to) {
    this.by = wall(to) - wall(from);
  }

  // on is the instant of the other period at the same time of day, back the inverse.
  on(t) {
    return showing(wall(t) + this.by);
  }

  back(t) {
    return showing(wall(t) - this.by);
  }
}

// isStart tells whether a day begins at an instant.
export const isStart = (t) => startOf(dayOf(t)) === t;

// starts are the instants from which the days that cover [from, to) begin.
export function starts(from, to) {
  const list = [];
  for (let day = dayOf(from); startOf(day) < to; day = addDays(day, 1)) list.push(startOf(day));
  return list;
}
