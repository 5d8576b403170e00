// Following the data: one event stream while the page is visible.

// Browsers open six connections to one host, for all tabs together and for the
// pages that they keep to go back to. A stream that nobody looks at would block
// the others' questions, so that a page in the background lets go of its own soon,
// and one that is left at once.
const HIDDEN_GRACE = 10_000;
// A stream that has been silent for two heartbeats is dead, whatever the
// browser thinks of it: a sleeping laptop's connections end without a word.
const SILENCE = 35_000;

// follow calls onRefresh(event) when files have completed and after each
// connection, and onState("connecting" | "live" | "lost") as the connection
// changes. serverNow tells the time of the server.
export function follow({ onRefresh, onState }) {
  let source = null;
  let silence = 0;
  let hidden = 0;
  let offset = 0;

  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(reopen, SILENCE);
  };
  const clock = (event) => {
    heard();
    offset = Date.parse(JSON.parse(event.data).now) - Date.now();
  };
  const close = () => {
    clearTimeout(silence);
    source?.close();
    source = null;
  };
  const open = () => {
    source = new EventSource("/api/v1/events");
    heard();
    source.addEventListener("hello", (event) => {
      clock(event);
      onState("live");
      // What happened while nobody listened is asked for: also what did since the
      // page's first questions, whose answers the reporter still has.
      onRefresh({ completed: 0, files: [] });
    });
    source.addEventListener("heartbeat", clock);
    source.addEventListener("refresh", (event) => {
      heard();
      onRefresh(JSON.parse(event.data));
    });
    source.addEventListener("error", () => {
      onState("lost");
      // The browser connects again by itself unless the answer was an error.
      if (source?.readyState === EventSource.CLOSED) {
        close();
        silence = setTimeout(reopen, 5_000);
      }
    });
  };
  function reopen() {
    close();
    onState("lost");
    if (document.visibilityState === "visible") open();
  }

  const resume = () => {
    clearTimeout(hidden);
    if (source !== null || document.visibilityState !== "visible") return;
    onState("connecting");
    open();
  };
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hidden);
    if (document.visibilityState === "hidden") hidden = setTimeout(close, HIDDEN_GRACE);
    else resume();
  });
  addEventListener("pagehide", close);
  addEventListener("pageshow", resume); // also of a page that the reader has gone back to
  onState("connecting");
  resume();
  return { serverNow: () => Date.now() + offset };
}
