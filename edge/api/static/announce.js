// Tells a screen reader the summary when it changed: at most every ten seconds, the newest only.

const PAUSE_MS = 10_000;

export class Announcer {
  #region;
  #last;
  #timer = null;
  #at = -Infinity;

  constructor(region) {
    this.#region = region;
  }

  // What the page began with is read with the page and not announced.
  say(text) {
    this.#last ??= text;
    if (text === this.#last) return;
    this.#last = text;
    clearTimeout(this.#timer);
    const wait = Math.max(0, this.#at + PAUSE_MS - performance.now());
    this.#timer = setTimeout(() => {
      this.#at = performance.now();
      this.#region.textContent = this.#last;
    }, wait);
  }
}
