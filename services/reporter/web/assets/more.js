// Lists that grow: the whole list is asked for each time, so that it has no gaps
// when files stream in.
import { el } from "./dom.js";
import * as format from "./format.js";

const MOST = 500; // the API's limit, of lists by time

// Growing is the length of a list in steps.
export class Growing {
  constructor(first, step, most = MOST) {
    this.first = first;
    this.step = step;
    this.most = most;
    this.limit = first;
  }

  reset() {
    this.limit = this.first;
  }

  // button makes the list longer, if there is more; null otherwise.
  button(data, title, board, narrow) {
    if (!data.next_page_token) return null;
    if (this.limit >= this.most) return el("p", { className: "hint more" }, `These are the newest ${this.most}. ${narrow}`);
    return el("div", { className: "more" }, this.grower(title, board));
  }

  grower(title, board, className = "") {
    const button = el("button", { type: "button", className }, title);
    button.addEventListener("click", () => {
      this.limit = Math.min(this.limit + this.step, this.most);
      button.disabled = true;
      board.refresh();
    });
    return button;
  }

  // others is the last line of a ranked list: how many more there are, which opens them, and what they come to.
  others(data, board) {
    const left = (data.totals[0]?.entries ?? 0) - data.rows.length;
    if (left <= 0) return null;
    const text = `and ${format.count(left)} more`;
    return el("span", { className: "more" }, this.limit < this.most ? this.grower(text, board, "link") : text);
  }
}

// replaceKeepingFocus draws a list anew; a button under the finger keeps its focus.
export function replaceKeepingFocus(body, ...nodes) {
  const focused = body.contains(document.activeElement) && document.activeElement.closest(".more") !== null;
  body.replaceChildren(...nodes.filter(Boolean));
  if (focused) body.querySelector(".more button")?.focus({ preventScroll: true });
}
