// Searches as one types: the server's own page, its list put over this one.

import { patchFrom } from "./patch.js";

const PAUSE_MS = 200; // between the last key and the question

const field = document.getElementById("q");
let timer = null;
let asked = 0;

async function search() {
  const number = ++asked;
  const address = new URL(field.form.action);
  address.search = new URLSearchParams(new FormData(field.form));
  const answer = await fetch(address, { headers: { accept: "text/html" } });
  if (!answer.ok || number !== asked) return; // a newer question is under way
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  patchFrom(document.getElementById("found"), fresh.getElementById("found"));
  history.replaceState(null, "", address);
}

field.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => search().catch(() => {}), PAUSE_MS); // Enter still asks the server
});
