// Lists that grow: the whole list is asked for each time, so that it has no gaps
// when files stream in.
import { el } from "./dom.js";

const MOST = 500; // the API's limit

// Growing is the length of a list in steps.
export class Growing {
  constructor(first, step) {
    this.first = first;
    this.step = step;
    this.limit = first;
  }

  reset() {
    this.limit = this.first;
  }

  // button makes the list longer, if there is more; null otherwise.
  button(data, title, board, narrow) {
    if (!data.next_page_token) return null;
    if (this.limit >= MOST) return el("p", { className: "hint more" }, `These are the newest ${MOST}. ${narrow}`);
    const button = el("button", { type: "button" }, title);
    button.addEventListener("click", () => {
      this.limit = Math.min(this.limit + this.step, MOST);
      button.disabled = true;
      board.refresh();
    });
    return el("div", { className: "more" }, button);
  }
}

// replaceKeepingFocus draws a list anew; a button under the finger keeps its focus.
export function replaceKeepingFocus(body, ...nodes) {
  const focused = body.contains(document.activeElement) && document.activeElement.closest(".more") !== null;
  body.replaceChildren(...nodes.filter(Boolean));
  if (focused) body.querySelector(".more button")?.focus({ preventScroll: true });
}
