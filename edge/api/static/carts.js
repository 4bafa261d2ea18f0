// The cart page, alive: joins the stream to the page and tells when news stays out.

import { keepAges } from "./ages.js";
import { Announcer } from "./announce.js";
import { patch, patchFrom } from "./patch.js";
import { follow } from "./stream.js";

const root = document.documentElement;
const words = document.getElementById("words").dataset;
const banner = document.getElementById("banner");
const announcer = new Announcer(document.getElementById("status"));
const ages = keepAges(words, Number(root.dataset.now));

const timeOfDay = new Intl.DateTimeFormat(root.lang, {
  hour: "numeric",
  minute: "2-digit",
  timeZone: root.dataset.zone,
});

// The whole page again from the server: after sleep, and when carts were added or taken away.
async function refetch() {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  ages.setNow(Number(fresh.documentElement.dataset.now));
  patchFrom(document.getElementById("board"), fresh.getElementById("board"));
  announcer.say(summary());
}

function summary() {
  return document.getElementById("summary")?.textContent.trim() ?? "";
}

function onNews({ now, order, parts }) {
  ages.setNow(now);
  const shown = [...document.querySelectorAll(".cart")].map((cart) => cart.dataset.cart);
  if (order.join() !== shown.join()) {
    refetch().catch(() => {}); // the stream tells when the server is away
    return;
  }
  for (const html of parts) patch(html);
  ages.tick();
  announcer.say(summary());
}

function onQuiet(lastNews) {
  const time = timeOfDay.format(ages.serverTimeAt(lastNews) * 1000);
  document.getElementById("banner-text").textContent = words.quiet.replace("{time}", time);
  banner.hidden = false;
  root.classList.add("stale");
}

function onBack() {
  banner.hidden = true;
  root.classList.remove("stale");
}

follow({
  url: root.dataset.stream,
  beatSeconds: Number(root.dataset.beat),
  onNews,
  onBeat: ({ now }) => ages.setNow(now),
  onQuiet,
  onBack,
  onWake: () => refetch().catch(() => {}), // as above
});
