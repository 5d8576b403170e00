// What all pages share: the choice of colours, the live state, announcements.
import { follow } from "./live.js";

const byId = (id) => document.getElementById(id);
const stateTexts = { connecting: "Connecting", live: "Live", lost: "Reconnecting" };
const THEMES = ["system", "light", "dark"];
const themeTexts = { system: "as the system has them", light: "light", dark: "dark" };
const dark = matchMedia("(prefers-color-scheme: dark)");
const repaint = new EventTarget();

// onTheme calls back when colours have changed, for what is drawn on a canvas,
// until signal aborts.
export function onTheme(callback, signal) {
  repaint.addEventListener("change", callback, { signal });
}

function showTheme() {
  const theme = document.documentElement.dataset.theme ?? "system";
  const text = `Colours: ${themeTexts[theme]}`;
  byId("theme").title = text;
  byId("theme-text").textContent = text;
  repaint.dispatchEvent(new Event("change"));
}

byId("theme").addEventListener("click", () => {
  const { dataset } = document.documentElement;
  const next = THEMES[(THEMES.indexOf(dataset.theme ?? "system") + 1) % THEMES.length];
  if (next === "system") delete dataset.theme;
  else dataset.theme = next;
  try {
    localStorage.setItem("theme", next);
  } catch {
    // Then the choice lasts as long as the page.
  }
  showTheme();
});
dark.addEventListener("change", showTheme);
showTheme();

// announce tells something to those who do not see it change. A text that is
// already there would not be read again.
export function announce(text) {
  byId("announcer").textContent = "";
  requestAnimationFrame(() => { byId("announcer").textContent = text; });
}

let stream = null;
let streamState = "connecting";
let age = "";

// A page whose stream lives may still show what is old.
function showLive() {
  const stale = streamState === "live" && age !== "";
  const text = stale ? age : stateTexts[streamState];
  byId("live").dataset.state = stale ? "stale" : streamState;
  if (byId("live-text").textContent !== text) byId("live-text").textContent = text;
}

// showAge says in a few words that what the page shows is old; an empty text takes it back.
export function showAge(text) {
  age = text;
  showLive();
}

// now is the server's time, as far as it is known.
export const now = () => stream?.serverNow() ?? Date.now();

// listen follows the data and shows whether it can.
export function listen(onRefresh) {
  stream = follow({
    onRefresh,
    onState(state) {
      streamState = state;
      showLive();
    },
  });
}
