// The small box that follows the pointer over a picture.
import { el } from "./dom.js";

export class Tip {
  constructor(frame) {
    this.frame = frame;
    this.box = el("div", { className: "tip", hidden: true, attrs: { "aria-hidden": "true" } });
    frame.append(this.box);
  }

  // show puts the box above (x, y), in pixels of the frame, and within the frame.
  show(x, y, ...nodes) {
    this.box.replaceChildren(...nodes);
    this.box.hidden = false;
    const half = this.box.offsetWidth / 2;
    const left = Math.min(Math.max(x, half), Math.max(half, this.frame.clientWidth - half));
    const above = y > this.box.offsetHeight + 16;
    this.box.style.translate = `calc(${left}px - 50%) calc(${y}px ${above ? "- 100% - 0.8rem" : "+ 1.2rem"})`;
  }

  hide() {
    this.box.hidden = true;
  }
}
