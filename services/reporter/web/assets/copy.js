// Commands to be copied.
import { el } from "./dom.js";
import { announce } from "./shell.js";

// command is a command line with a button that copies it.
export function command(text) {
  const button = el("button", { type: "button" }, "Copy");
  const code = el("code", {}, text);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
      announce("The command is copied.");
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    } catch {
      // Without permission it is selected, ready for the keyboard.
      getSelection().selectAllChildren(code);
    }
  });
  return el("div", { className: "command" }, code, button);
}
