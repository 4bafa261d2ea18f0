// A sound for each new alert, for those who ask for it: browsers give none before a press.

const KEPT = "rollcall-sound";
const HERTZ = [880, 660];
const TONE_S = 0.18;

const button = document.getElementById("sound");
let context = null;
let known = openAlerts();

function openAlerts() {
  return new Set([...document.querySelectorAll(".alert:not(.closed)")].map((alert) => alert.id));
}

function isOn() {
  return localStorage.getItem(KEPT) === "on";
}

function show() {
  button.hidden = false;
  button.setAttribute("aria-pressed", String(isOn()));
}

function ring() {
  context ??= new AudioContext();
  context.resume();
  HERTZ.forEach((hertz, index) => {
    const tone = context.createOscillator();
    tone.frequency.value = hertz;
    tone.connect(context.destination);
    tone.start(context.currentTime + index * TONE_S);
    tone.stop(context.currentTime + (index + 1) * TONE_S);
  });
}

button.addEventListener("click", () => {
  localStorage.setItem(KEPT, isOn() ? "off" : "on");
  show();
  if (isOn()) ring(); // as it will sound, and the press that lets it
});

document.addEventListener("refetched", () => {
  const open = openAlerts();
  if (isOn() && [...open].some((id) => !known.has(id))) ring();
  known = open;
  show(); // the fresh page knows nothing of the choice
});

show();
