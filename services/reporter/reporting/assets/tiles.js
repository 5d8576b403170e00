// The head figures.
import * as format from "./format.js";

// Tiles shows the summary; tick keeps the age of the newest load current.
export class Tiles {
  constructor(section, now) {
    this.section = section;
    this.now = now;
    setInterval(() => this.tick(), 1000);
  }

  show(summary) {
    const s = summary.rows[0];
    this.newest = s.newest_load_at;
    this.set("orders", format.count(s.orders), `${format.count(s.completed_orders)} completed`);
    this.set("revenue", format.tileMoney(s.revenue), `${format.tileMoney(s.completed_revenue)} completed`, format.money(s.revenue));
    this.set("aov", format.money(s.avg_order_value), s.completed_avg_order_value === null ? "no completed order" : `${format.money(s.completed_avg_order_value)} completed`);
    this.set("customers", format.count(s.customers), s.customers > 0 ? `${(s.orders / s.customers).toFixed(2)} orders each` : "no customer yet");
    this.tick();
    this.section.dataset.state = "ready";
  }

  // showFiles tells how long the newest files took from landing to facts.
  showFiles(files) {
    const took = files.rows.filter((r) => r.verdict === "loaded").map((r) => Date.parse(r.loaded_at) - Date.parse(r.landed_at)).sort((a, b) => a - b);
    this.took = took.length > 0 ? `${format.duration(took[took.length >> 1])} from landing to facts` : "";
    this.tick();
  }

  fail() {
    if (this.section.dataset.state !== "loading") return;
    for (const tile of this.section.children) this.set(tile.dataset.tile, "–", "not available");
    this.section.dataset.state = "error";
  }

  tick() {
    if (this.newest === undefined) return;
    if (this.newest === null) this.set("freshness", "–", "nothing loaded yet");
    else this.set("freshness", format.ago(Math.max(0, this.now() - Date.parse(this.newest))), this.took || format.moment(this.newest));
  }

  set(tile, figure, aside, title = "") {
    const [, first, second] = this.section.querySelector(`[data-tile="${tile}"]`).children;
    if (first.textContent !== figure) first.textContent = figure;
    if (second.textContent !== aside) second.textContent = aside;
    first.title = title;
  }
}
