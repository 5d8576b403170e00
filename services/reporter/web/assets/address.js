// The state of a page, which lives in its address: the period and the filters.
import { el, name } from "./dom.js";
import { now } from "./shell.js";
import { addDays, dayOf } from "./zone.js";

const query = () => new URLSearchParams(location.search);

// The periods of the buttons that the page has, by their data-key.
export const DAYS = [
  { key: "1d", days: 1 },
  { key: "7d", days: 7 },
  { key: "31d", days: 31 },
  { key: "90d", days: 90 },
];
const MINUTE = 60_000;
export const MINUTES = [
  { key: "1h", minutes: 60 },
  { key: "6h", minutes: 360 },
  { key: "1d", minutes: 1440 },
  { key: "7d", minutes: 10_080 },
];

// Address reads and writes the address. names are the parameters that the API
// takes as they are, besides the period; choices are fields of the same form that narrow
// nothing, of which a page makes use itself. onChange runs when any has changed.
export class Address {
  constructor({ names = [], choices = [], presets = DAYS, standard = "31d", onChange }) {
    this.names = names;
    this.fields = [...names, ...choices];
    this.presets = presets;
    this.standard = standard;
    this.onChange = onChange;
    addEventListener("popstate", () => this.changed());
    // A new day moves the period.
    let last = JSON.stringify(this.period().params);
    setInterval(() => {
      const next = JSON.stringify(this.period().params);
      if (next !== last && presets === DAYS) this.changed();
      last = next;
    }, MINUTE);
    this.bindPeriods();
    this.bindFilters();
    this.render();
    delete document.documentElement.dataset.dates; // from here on hidden says it
  }

  get(name) {
    return query().get(name) ?? "";
  }

  // period is the chosen one. Days are whole and the shop's, today included.
  period() {
    const from = this.get("from");
    const to = this.get("to");
    if (from && to) return { key: "", params: { from, to } };
    const chosen = this.presets.find((p) => p.key === this.get("period")) ?? this.presets.find((p) => p.key === this.standard);
    if (chosen.minutes) {
      const end = Math.ceil(now() / MINUTE) * MINUTE;
      return { key: chosen.key, params: { from: new Date(end - chosen.minutes * MINUTE).toISOString(), to: new Date(end).toISOString() } };
    }
    const today = dayOf(now());
    return { key: chosen.key, params: { from: addDays(today, 1 - chosen.days), to: today } };
  }

  // params are the API's parameters.
  params() {
    const params = { ...this.period().params };
    for (const name of this.names) if (this.get(name)) params[name] = this.get(name);
    return params;
  }

  // with is the address with other parameters; an empty value removes one.
  with(changes) {
    const params = query();
    for (const [key, value] of Object.entries(changes)) {
      if (value) params.set(key, value);
      else params.delete(key);
    }
    const text = params.toString();
    return text ? `?${text}` : location.pathname;
  }

  // link leads to the address with other parameters, without loading the page. The focus goes to what is chosen then.
  link(changes, props, ...children) {
    const node = el("a", { href: this.with(changes), ...props }, ...children);
    node.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      this.set(changes);
      const [last] = Object.keys(changes).slice(-1);
      const chips = [...document.querySelectorAll("#chosen a")];
      (chips.find((chip) => chip.dataset.name === last) ?? chips[0] ?? document.querySelector("#filters select"))?.focus({ preventScroll: true });
    });
    return node;
  }

  // periodQuery is the period for an address of another page.
  periodQuery() {
    const { key, params } = this.period();
    return `?${new URLSearchParams(key ? { period: key } : params)}`;
  }

  // renderChosen lists the filters that are set, each as a link that takes it back.
  renderChosen(form) {
    const list = document.getElementById("chosen");
    if (!list) return;
    const set = this.names.filter((key) => this.get(key));
    if (set.length === 0) return list.replaceChildren(el("li", {}, "Click a bar or a row to see only its orders."));
    list.replaceChildren(...set.map((key) => {
      const field = form.elements[key];
      const title = field.labels[0].querySelector("span").textContent;
      const shown = [...field.options].find((o) => o.value === this.get(key))?.textContent ?? this.get(key);
      return el("li", {}, this.link({ [key]: "" }, { title: `Remove the filter ${title}: ${shown}`, data: { name: key } }, el("span", { className: "hidden" }, "Remove the filter "), `${title}: `, name(shown)));
    }));
  }

  // set writes parameters into the address; an empty value removes one.
  set(changes, { replace = false } = {}) {
    const next = this.with(changes);
    if (next === this.with({})) return;
    history[replace ? "replaceState" : "pushState"](null, "", next);
    this.changed();
  }

  changed() {
    this.render();
    this.onChange();
  }

  render() {
    const { key, params } = this.period();
    for (const button of document.querySelectorAll("#periods button")) {
      button.setAttribute("aria-pressed", String(button.dataset.key === key || (button.dataset.key === "custom" && key === "")));
    }
    const custom = document.getElementById("custom");
    if (custom) {
      if (key === "") custom.hidden = false;
      custom.elements.from.value = params.from.slice(0, 10);
      custom.elements.to.value = params.to.slice(0, 10);
    }
    const form = document.getElementById("filters");
    if (!form) return;
    for (const field of form.elements) {
      if (!this.fields.includes(field.name)) continue;
      const value = this.get(field.name);
      // What the address names can be chosen even if no data has it.
      if (field.tagName === "SELECT" && value && ![...field.options].some((o) => o.value === value)) field.append(new Option(value, value));
      if (document.activeElement !== field || field.tagName === "SELECT") field.value = value;
    }
    this.renderChosen(form);
    document.getElementById("clear").hidden = !this.names.some((name) => this.get(name));
  }

  bindPeriods() {
    const group = document.getElementById("periods");
    if (!group) return;
    const custom = document.getElementById("custom");
    const button = (key) => group.querySelector(`[data-key="${key}"]`);
    for (const { key } of this.presets) {
      // Dates that are shown stay, and say those of the period: so nothing moves when the reader goes back.
      button(key).addEventListener("click", () => this.set({ period: key === this.standard ? "" : key, from: "", to: "" }));
    }
    if (!custom) return;
    button("custom").addEventListener("click", () => {
      custom.hidden = !custom.hidden;
      if (!custom.hidden) custom.elements.from.focus();
    });
    custom.addEventListener("submit", (event) => {
      event.preventDefault();
      const { from, to } = custom.elements;
      to.setCustomValidity(from.value > to.value ? "The last day lies before the first." : "");
      if (custom.reportValidity()) this.set({ period: "", from: from.value, to: to.value });
    });
    custom.addEventListener("input", () => custom.elements.to.setCustomValidity(""));
  }

  bindFilters() {
    const form = document.getElementById("filters");
    if (!form) return;
    form.addEventListener("submit", (event) => event.preventDefault());
    let typing = 0;
    form.addEventListener("input", (event) => {
      const { name, value, type } = event.target;
      if (!this.fields.includes(name)) return;
      clearTimeout(typing);
      // Each letter would be a question.
      if (type === "search") typing = setTimeout(() => this.set({ [name]: value.trim() }, { replace: true }), 250);
      else this.set({ [name]: value });
    });
    document.getElementById("clear").addEventListener("click", () => {
      form.querySelector("select, input").focus();
      for (const field of form.elements) if (this.names.includes(field.name)) field.value = "";
      this.set(Object.fromEntries(this.names.map((name) => [name, ""])));
    });
  }

  // offer fills a select with values that the data has.
  offer(name, values) {
    const select = document.getElementById("filters").elements[name];
    const chosen = this.get(name);
    const options = values.map((v) => new Option(v, v));
    if (chosen && !values.includes(chosen)) options.push(new Option(chosen, chosen));
    select.replaceChildren(select.options[0], ...options);
    select.value = chosen;
  }
}
