// Building the page. Every text from the data becomes a text node: markup in a
// name is shown, never read.

// el makes an element. Props are properties (className, title...), "data" for
// data attributes, "attrs" for others, "vars" for custom properties of its
// style; children are nodes or texts.
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  const { data, attrs, vars, ...rest } = props;
  Object.assign(node, rest);
  for (const [name, value] of Object.entries(data ?? {})) node.dataset[name] = value;
  for (const [name, value] of Object.entries(attrs ?? {})) node.setAttribute(name, value);
  for (const [name, value] of Object.entries(vars ?? {})) node.style.setProperty(`--${name}`, value);
  node.append(...children.filter((c) => c !== null && c !== undefined && c !== ""));
  return node;
}

// name is a text of the data as a person typed it. It keeps its own direction,
// so that a right-to-left name cannot reorder what stands around it, and breaks
// behind the marks in file names rather than anywhere.
export function name(text, className = "name") {
  const parts = (text ?? "").split(/(?<=[_./-])/u);
  return el("bdi", { className }, ...parts.flatMap((part, i) => (i === 0 ? [part] : [document.createElement("wbr"), part])));
}

// table makes a table with an accessible caption. Columns are {title, num, wide}:
// num aligns to the end, wide hides the column on a phone. A cell is a node, a
// text, or null.
export function table(caption, columns, rows) {
  const classOf = (c) => [c.num && "num", c.wide && "wide-only"].filter(Boolean).join(" ");
  return el("table", {},
    el("caption", { className: "hidden" }, caption),
    el("thead", {}, el("tr", {}, ...columns.map((c) => el("th", { scope: "col", className: classOf(c) }, c.title)))),
    el("tbody", {}, ...rows.map(({ cells, fresh }) => el("tr", { className: fresh ? "fresh" : "" },
      ...cells.map((cell, i) => el(i === 0 ? "th" : "td",
        i === 0 ? { scope: "row", className: classOf(columns[i]) } : { className: classOf(columns[i]) }, cell ?? "–"))))));
}

// bars makes a list of {label, value, share, under, tone}; share is 0 to 1.
export function bars(items, { ranked = false } = {}) {
  return el(ranked ? "ol" : "ul", { className: ranked ? "bars ranked" : "bars" },
    ...items.map((item) => el("li", { className: item.others ? "others" : "" },
      el("span", { className: "label", title: item.title ?? "" }, item.label),
      el("span", { className: "value" }, item.value),
      el("span", { className: "bar", attrs: { "aria-hidden": "true" } },
        el("span", { vars: { share: String(item.share), ...(item.tone ? { tone: item.tone } : {}) } })),
      item.under ? el("span", { className: "under" }, item.under) : null)));
}

// reveal shows a section that was hidden, brings it into view and gives it the focus.
export function reveal(section) {
  section.hidden = false;
  section.tabIndex = -1;
  section.focus({ preventScroll: true });
  section.scrollIntoView({ block: "start" });
}

// revealFirst reveals the section that the page's address names, when it is first drawn.
let named = location.hash.slice(1);
export function revealFirst(section) {
  if (section.id !== named) return;
  named = "";
  reveal(section);
}

// chip is a state in a word; tone is good, warn, bad or none.
export function chip(text, tone) {
  return el("span", { className: "chip", data: tone ? { tone } : {} }, text);
}

// blank is what a panel shows when it has nothing to show.
export function blank(title, text, mark) {
  return el("div", { className: "blank" },
    mark ? el("span", { className: "mark", attrs: { "aria-hidden": "true" } }, mark) : null,
    el("strong", {}, title),
    text ? el("span", {}, text) : null);
}
