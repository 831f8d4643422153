// Asks once in half a second what is to be seen, shows it, and gives a short tone when somebody came.
const body = document.body;
const at = (id) => document.getElementById(id);
let wish = 0, shown = "", sound = null;

function tone(high) {
  if (!sound) return;
  const one = sound.createOscillator();
  one.frequency.value = high ? 1200 : 300;
  one.connect(sound.destination);
  one.start();
  one.stop(sound.currentTime + (high ? 0.12 : 0.4));
}

function show(now) {
  const asks = now.mode === "enrol" && now.step === "consent";
  body.dataset.mode = now.mode;
  body.dataset.word = now.word ?? "";
  wish = now.wish ?? 0;
  at("name").textContent = now.name ?? "";
  at("time").textContent = now.time ?? "";
  at("text").textContent = now.text;
  at("advice").textContent = now.advice && now.advice !== now.text ? now.advice : "";
  if (asks && at("consent").hidden) {
    at("consent").hidden = false;
    at("refuse").focus();
  }
  at("consent").hidden = !asks;
  const key = JSON.stringify(now);
  if (now.mode === "line" && key !== shown) tone(Boolean(now.time));
  shown = key;
}

async function look() {
  try {
    const reply = await fetch("/now", { cache: "no-store" });
    show(await reply.json());
  } catch {
    show({ mode: "offline", text: body.dataset.offline });
  }
  at("clock").textContent = new Date().toTimeString().slice(0, 5);
  setTimeout(look, 500);
}

function answer(agrees) {
  fetch("/answer", { method: "POST", headers: { "X-Station": "1" }, body: JSON.stringify({ wish, agrees }) });
}

at("agree").addEventListener("click", () => answer(true));
at("refuse").addEventListener("click", () => answer(false));
// A browser gives sound only after somebody touched the page, or pressed a key.
function wake() {
  sound ??= new AudioContext();
  at("silent").textContent = "";
}
document.addEventListener("pointerdown", wake);
document.addEventListener("keydown", wake);
look();
