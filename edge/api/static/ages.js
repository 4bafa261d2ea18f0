// "updated 4 s ago", counted here between two words from the server, by the server's clock.

export function keepAges(words, firstNow) {
  let offset = firstNow - performance.now() / 1000; // server time minus this tab's monotonic clock

  function now() {
    return performance.now() / 1000 + offset;
  }

  function tick() {
    for (const element of document.querySelectorAll("[data-since]")) {
      const text = inWords(now() - Number(element.dataset.since), words);
      if (element.textContent !== text) element.textContent = text;
    }
  }

  setInterval(tick, 1000);
  return {
    tick,
    setNow(serverNow) {
      offset = serverNow - performance.now() / 1000;
    },
    serverTimeAt(milliseconds) {
      return milliseconds / 1000 + offset;
    },
  };
}

// As `age` in words/times.py says it; a test holds the two together.
export function inWords(seconds, words) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return words.seconds.replace("{n}", s);
  if (s < 3600) return words.minutes.replace("{n}", Math.floor(s / 60));
  if (s < 86400) return words.hours.replace("{n}", Math.floor(s / 3600));
  return words.days.replace("{n}", Math.floor(s / 86400));
}
