// One event stream for the tab: opened again when it breaks or falls silent, quiet told once.

const MISSED_BEATS = 2; // one may be late on a slow school network
const SLACK = 0.2; // of a beat: timers and the network are not exact
const FIRST_RETRY_S = 1;
const LAST_RETRY_S = 15;

export function follow({ url, event, beatSeconds, onNews, onBeat, onQuiet, onBack, onWake }) {
  let source = null;
  let retry = null;
  let retrySeconds = FIRST_RETRY_S;
  let lastNews = performance.now();
  let quiet = false;

  const limit = () => (MISSED_BEATS + SLACK) * beatSeconds * 1000;

  function heard(handler) {
    return (event) => {
      lastNews = performance.now();
      retrySeconds = FIRST_RETRY_S;
      handler(JSON.parse(event.data));
      if (quiet) {
        quiet = false;
        onBack();
      }
    };
  }

  function open() {
    clearTimeout(retry);
    source?.close();
    source = new EventSource(url);
    source.addEventListener(event, heard(onNews));
    source.addEventListener("beat", heard(onBeat));
    source.addEventListener("error", openLater);
  }

  // The browser's own retry gives up after an answer that is no stream, such as a 503.
  function openLater() {
    source.close();
    clearTimeout(retry);
    retry = setTimeout(open, retrySeconds * 1000 * (0.5 + Math.random() / 2));
    retrySeconds = Math.min(retrySeconds * 2, LAST_RETRY_S);
  }

  // A stream can also die without an error: a laptop that changed networks hears nothing.
  function check() {
    if (performance.now() - lastNews < limit()) return;
    if (!quiet) {
      quiet = true;
      onQuiet(lastNews);
      open();
    }
  }

  function wake() {
    if (document.visibilityState !== "visible") return;
    onWake();
    open();
  }

  document.addEventListener("visibilitychange", wake);
  addEventListener("pageshow", (event) => event.persisted && wake());
  addEventListener("online", wake);
  addEventListener("pagehide", () => source.close());
  setInterval(check, Math.min(1000, limit() / 4));
  open();
}
