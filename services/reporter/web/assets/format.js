// Numbers and times as people read them. Amounts arrive as exact decimals in
// text and are formatted from the text; a float is made of them only to draw.
import { isStart, startOf, ZONE } from "./zone.js";

const LOCALE = "en-US";

const counts = new Intl.NumberFormat(LOCALE);
const shortCounts = new Intl.NumberFormat(LOCALE, { notation: "compact", maximumFractionDigits: 1 });
const percents = new Intl.NumberFormat(LOCALE, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
const signedPercents = new Intl.NumberFormat(LOCALE, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: "exceptZero" });
const rates = new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 3 });
const sizes = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 });

let currency = "";
let moneys, shortMoneys, roundMoneys, hugeMoneys;

// setCurrency takes the code that every answer of the API names.
export function setCurrency(code) {
  if (code === currency) return;
  currency = code;
  const style = { style: "currency", currency: code, currencyDisplay: "narrowSymbol" };
  moneys = new Intl.NumberFormat(LOCALE, style);
  roundMoneys = new Intl.NumberFormat(LOCALE, { ...style, maximumFractionDigits: 0 });
  hugeMoneys = new Intl.NumberFormat(LOCALE, { ...style, notation: "scientific", minimumFractionDigits: 2, maximumFractionDigits: 2 });
  shortMoneys = new Intl.NumberFormat(LOCALE, { ...style, notation: "compact", maximumFractionDigits: 1 });
}

export const count = (n) => counts.format(n);
export const shortCount = (n) => shortCounts.format(n);
export const percent = (share) => percents.format(share);
export const signedPercent = (share) => signedPercents.format(share);
export const rate = (n) => rates.format(n);

// exact groups the digits of a number in text and leaves all of them standing.
export function exact(v) {
  const [whole, fraction] = String(v).split(".");
  const digits = counts.format(BigInt(whole));
  return `${whole.startsWith("-0") ? "-" : ""}${digits}${fraction === undefined ? "" : `.${fraction}`}`;
}

const twoPlaces = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
// rounded shows a number in text to two decimals.
export const rounded = (text) => twoPlaces.format(text);

// money formats an amount to the cent; null is an amount that does not exist.
export const money = (text) => (text === null ? "–" : moneys.format(text));
// roundMoney leaves the cents away where they would only be noise.
export const roundMoney = (text) => (Math.abs(Number(text)) >= 1000 ? roundMoneys : moneys).format(text);
// isHuge tells amounts that have no short form in words: from a thousand million millions.
export const isHuge = (v) => Math.abs(Number(v)) >= 1e15;
export const shortMoney = (n) => (isHuge(n) ? hugeMoneys : shortMoneys).format(n);
// tileMoney fits the head figures: exact as long as that can be taken in.
export const tileMoney = (text) => (text === null ? "–" : Math.abs(Number(text)) < 1e6 ? moneys.format(text) : shortTile(text));
const shortTile = (text) => (isHuge(text) ? hugeMoneys : new Intl.NumberFormat(LOCALE, {
  style: "currency", currency, currencyDisplay: "narrowSymbol", notation: "compact", minimumFractionDigits: 2, maximumFractionDigits: 2,
})).format(text);

const SCALE = 9;

// units is an exact decimal in billionths.
export function units(text) {
  const [whole, fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(SCALE, "0").slice(0, SCALE));
}

// decimal is the inverse of units.
export function decimal(billionths) {
  const negative = billionths < 0n;
  const digits = (negative ? -billionths : billionths).toString().padStart(SCALE + 1, "0");
  return (negative ? "-" : "") + digits.slice(0, -SCALE) + "." + digits.slice(-SCALE);
}

// total adds exact amounts up.
export const total = (rows, field) => decimal(rows.reduce((sum, r) => sum + units(r[field]), 0n));

const dateFormat = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, day: "numeric", month: "short" });
const longDateFormat = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, day: "numeric", month: "short", year: "numeric" });
const timeFormat = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, hour: "2-digit", minute: "2-digit" });
const secondFormat = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, hour: "2-digit", minute: "2-digit", second: "2-digit" });

const milliFormat = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });

export const date = (t) => dateFormat.format(new Date(t));
// longDate is the day of an instant, or a day such as 2026-11-01 itself.
export const longDate = (t) => longDateFormat.format(typeof t === "string" && t.length === 10 ? startOf(t) : new Date(t));
export const clock = (t) => timeFormat.format(new Date(t));
export const clockSeconds = (t) => secondFormat.format(new Date(t));
export const clockMillis = (t) => milliFormat.format(new Date(t));
export const moment = (t) => `${date(t)}, ${clock(t)}`;
export const momentSeconds = (t) => `${date(t)}, ${clockSeconds(t)}`;

// span is a period whose end is exclusive, as people say it.
export function span(from, to) {
  if (!isStart(Date.parse(from))) return `${moment(from)} – ${moment(to)}`;
  const whole = isStart(Date.parse(to));
  const last = whole ? Date.parse(to) - 1 : Date.parse(to);
  return `${longDate(from) === longDate(last) ? longDate(from) : `${longDate(from)} – ${longDate(last)}`}${whole ? "" : ` until ${clock(to)}`}`;
}

// fileName is the name of a landed file without landing/ and its kind's folder.
export const fileName = (landingName) => landingName.replace(/^landing\/(?:[^/]*\/)?/u, "") || landingName;

export const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

// duration is a span in its two most telling units at most.
export function duration(ms) {
  if (ms < SECOND) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10 * SECOND) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < 10 * MINUTE) return `${Math.floor(ms / MINUTE)} min ${Math.floor((ms % MINUTE) / SECOND)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h ${Math.floor((ms % HOUR) / MINUTE)} min`;
  const days = Math.floor(ms / DAY);
  return days === 1 ? "1 day" : `${days} days`;
}

export const ago = (ms) => (ms < 2 * SECOND ? "just now" : `${ms < MINUTE ? `${Math.floor(ms / SECOND)} s` : duration(ms)} ago`);

export function bytes(n) {
  for (const unit of ["B", "kB", "MB", "GB"]) {
    if (n < 1000 || unit === "GB") return `${sizes.format(n)} ${unit}`;
    n /= 1000;
  }
}
