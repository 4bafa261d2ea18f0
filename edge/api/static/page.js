// What every live page does: it follows its stream, asks itself again, and tells when news stays out.

import { keepAges } from "./ages.js";
import { Announcer } from "./announce.js";
import { patchFrom } from "./patch.js";
import { follow } from "./stream.js";

const root = document.documentElement;
const words = document.getElementById("words").dataset;
const banner = document.getElementById("banner");
const announcer = new Announcer(document.getElementById("status"));

export const ages = keepAges(words, Number(root.dataset.now));

const timeOfDay = new Intl.DateTimeFormat(root.lang, {
  hour: "numeric",
  minute: "2-digit",
  timeZone: root.dataset.zone,
});

// The whole page again from the server, put over this one. The stream tells when it is away.
export async function refetch() {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  ages.setNow(Number(fresh.documentElement.dataset.now));
  patchFrom(document.getElementById("board"), fresh.getElementById("board"));
  document.title = fresh.title;
  announce();
  document.dispatchEvent(new Event("refetched"));
}

export function announce() {
  announcer.say(document.getElementById("summary")?.textContent.trim() ?? "");
}

// `event` is the name of the stream's news; `onNews` and `onBeat` get what it carries.
export function live({ event, onNews, onBeat }) {
  follow({
    url: root.dataset.stream,
    event,
    beatSeconds: Number(root.dataset.beat),
    onNews,
    onBeat,
    onQuiet: tellQuiet,
    onBack: tellBack,
    onWake: again,
  });
}

export function again() {
  refetch().catch(() => {}); // the server is away, which the stream tells
}

function tellQuiet(lastNews) {
  const time = timeOfDay.format(ages.serverTimeAt(lastNews) * 1000);
  document.getElementById("banner-text").textContent = words.quiet.replace("{time}", time);
  banner.hidden = false;
  root.classList.add("stale");
}

function tellBack() {
  banner.hidden = true;
  root.classList.remove("stale");
}
