// Amounts in lists and cells: whole as long as a phone has room for them.
import { el } from "./dom.js";
import * as format from "./format.js";

// short is a figure that stands for another text: those who hear the page are told the text, the others
// find it in the title.
export function short(figure, exact) {
  return el("span", { title: exact }, el("span", { attrs: { "aria-hidden": "true" } }, figure), el("span", { className: "hidden exact" }, exact));
}

// amount is an amount as show writes it, or in a short form if it is huge; what that leaves out is there besides.
export function amount(text, show = format.money) {
  const exact = format.money(text);
  const figure = text !== null && format.isHuge(text) ? format.shortMoney(text) : show(text);
  return figure === exact ? exact : short(figure, exact);
}
