// The head figures of the overview.
import { short } from "./amount.js";
import * as format from "./format.js";

// setTile writes a tile's texts. change is {text, tone, title}, or null. exact is
// the figure in full if figure is a short form: those who hear the page are told
// it, the others find it in the title.
export function setTile(section, id, { figure, exact = figure, change = null, aside = "", title = "" }) {
  const [, first, second, third] = section.querySelector(`[data-tile="${id}"]`).children;
  const set = (node, text) => { if (node.textContent !== text) node.textContent = text; };
  if (exact === figure) set(first, figure);
  else if (first.querySelector(".exact")?.textContent !== exact) {
    first.replaceChildren(short(figure, exact));
  }
  set(second, change?.text ?? "");
  second.dataset.tone = change?.tone ?? "";
  second.title = change?.title ?? "";
  set(third, aside);
  third.title = aside; // it may be cut
  first.title = title || (exact === figure ? "" : exact);
}

// changeOf compares a figure with that of the period before. better tells which
// direction is good news: 1 up, -1 down, 0 neither.
export function changeOf(figure, before, { better = 0, against, show }) {
  if (before === null || Number(before) === 0) return { text: figure === null || Number(figure) === 0 ? "" : "nothing before", tone: "none", title: against };
  if (figure === null) return { text: "", tone: "none", title: "" };
  const change = (Number(figure) - Number(before)) / Number(before);
  const flat = Math.abs(change) < 0.0005;
  const arrow = flat ? "→" : change > 0 ? "▲" : "▼";
  const tone = flat || better === 0 ? "none" : Math.sign(change) === better ? "good" : "bad";
  return { text: `${arrow} ${change > 9.995 ? `${format.rate(change + 1)}×` : format.percent(Math.abs(change))}`, tone, title: `${show(before)} in ${against}` };
}

// Tiles shows the summary and keeps the age of the newest fact current.
export class Tiles {
  constructor(section, now) {
    this.section = section;
    this.now = now;
    setInterval(() => this.tick(), 1000);
  }

  show(data, measure) {
    const [s] = data.rows;
    const [p] = data.previous ?? [null];
    const against = p && format.span(data.previous_period.from, data.previous_period.to);
    const { revenue, average: aov } = measure;
    this.section.querySelector('[data-tile="revenue"] h2').textContent = measure.title;
    const change = (field, better, show) => p && changeOf(s[field], p[field], { better, against, show });
    this.summary = s;
    const change50 = change("load_p50_ms", -1, format.duration);
    this.change = change50 && { ...change50, text: change50.text && `p50 ${change50.text}` };
    setTile(this.section, "orders", {
      figure: format.count(s.orders), change: change("orders", 1, format.count),
      aside: `${format.count(s.completed_orders)} completed`,
    });
    setTile(this.section, "revenue", {
      figure: format.tileMoney(s[revenue]), exact: format.money(s[revenue]), change: change(revenue, 1, format.money),
      aside: measure.of,
    });
    setTile(this.section, "aov", {
      figure: format.tileMoney(s[aov]), exact: format.money(s[aov]), change: change(aov, 1, format.money),
      aside: `${format.count(s[measure.orders])} ${measure.orders === "paid_orders" ? "paid orders" : "orders"}`,
    });
    setTile(this.section, "customers", {
      figure: format.count(s.customers), change: change("customers", 1, format.count),
      aside: s.customers > 0 ? `${(s.orders / s.customers).toFixed(2)} orders each` : "no customer yet",
    });
    this.tick();
    this.section.dataset.state = "ready";
  }

  fail() {
    if (this.section.dataset.state !== "loading") return;
    for (const tile of this.section.children) setTile(this.section, tile.dataset.tile, { figure: "–", aside: "not available" });
    this.section.dataset.state = "error";
  }

  tick() {
    const s = this.summary;
    if (!s) return;
    setTile(this.section, "freshness", {
      figure: s.newest_fact_at === null ? "–" : format.ago(Math.max(0, this.now() - Date.parse(s.newest_fact_at))),
      change: s.load_p50_ms === null ? null : this.change,
      aside: s.load_p50_ms === null ? "nothing loaded" : `p50 ${format.duration(s.load_p50_ms)}, p99 ${format.duration(s.load_p99_ms)}`,
      title: s.newest_fact_at === null ? "" : `Loaded ${format.momentSeconds(s.newest_fact_at)}. Below: how long files took from landing to facts.`,
    });
  }
}
