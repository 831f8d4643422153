// The editor of flows. Without this script every button sends the form and the page comes back changed; with it the same happens in place,
// what the flow reads like follows the typing, and cards move by dragging or by Alt and the arrow keys.
const PAUSE = 300;
let form = document.getElementById("flow");
let timer = 0;
let asked;

async function check() {
  asked?.abort();
  asked = new AbortController();
  const answer = await fetch(form.dataset.check, { method: "POST", body: new FormData(form), signal: asked.signal }).catch(() => null);
  if (answer?.ok) document.getElementById("checks").innerHTML = await answer.text();
}

let edits = 0;
let doing = Promise.resolve();

// One after the other, and never over what was typed while the answer was on its way: then it is asked for again. Whoever has gone on to
// another field meanwhile stays there.
function change(deed, focus) {
  doing = doing.then(() => changed(deed, focus, document.activeElement));
}

async function changed(deed, focus, left) {
  const at = edits;
  const body = new FormData(form);
  body.set("do", deed);
  const answer = await fetch("/flows/edit", { method: "POST", body }).catch(() => null);
  if (!answer?.ok) return undefined;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (edits !== at) return changed(deed, focus, left);
  const here = document.activeElement;
  const gone = here !== left && form.contains(here) && here.id;
  form.replaceWith(document.adoptNode(page.getElementById("flow")));
  form = document.getElementById("flow");
  (document.getElementById(gone || focus) ?? document.getElementById(deed))?.focus();
  return undefined;
}

// Where the focus belongs after a deed: with the card that moved, or what was added.
function after(deed) {
  const [what, b, s] = deed.split(":");
  const last = (list) => document.querySelectorAll(list).length;
  if (what === "up-step") return `up-step:${b}:${Math.max(0, s - 1)}`;
  if (what === "down-step") return `down-step:${b}:${Number(s) + 1}`;
  if (what === "add-step") return `b${b}.s${last(`[data-branch="${b}"] > [data-step]`)}.who`;
  if (what === "remove-step") return `add-step:${b}`;
  if (what === "remove-condition") return `add-condition:${b}`;
  return deed;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest('#flow button[name="do"]');
  if (!button) return;
  event.preventDefault();
  change(button.value, after(button.value));
});

document.addEventListener("input", (event) => {
  if (!event.target.closest("#flow")) return;
  edits += 1;
  if (event.target.tagName === "SELECT") return;
  clearTimeout(timer);
  timer = setTimeout(check, PAUSE);
});
// A choice can bring other fields: the whole form comes anew.
document.addEventListener("change", (event) => {
  if (!event.target.closest("#flow") || event.target.tagName !== "SELECT") return;
  if (/\.(who|does|on)$/.test(event.target.name)) change("", event.target.id);
  else check();
});

document.addEventListener("keydown", (event) => {
  const card = event.target.closest("[data-step]");
  if (!card || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  const [b, s] = [card.parentElement.dataset.branch, Number(card.dataset.step)];
  const to = event.key === "ArrowUp" ? s - 1 : s + 1;
  if (to < 0 || to >= card.parentElement.children.length) return;
  change(`move-step:${b}:${s}:${to}`, event.target.id.replace(`.s${s}.`, `.s${to}.`).replace(`:${s}`, `:${to}`));
});

let dragged = null;
document.addEventListener("pointerdown", (event) => {
  const card = event.target.closest(".cb-ap-grip")?.closest("[data-step]");
  if (card) card.draggable = true;
});
document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-step]");
  if (dragged) event.dataTransfer.effectAllowed = "move";
});
document.addEventListener("dragover", (event) => {
  const card = event.target.closest?.("[data-step]");
  if (dragged && card?.parentElement === dragged.parentElement) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  const card = event.target.closest?.("[data-step]");
  if (!dragged || card?.parentElement !== dragged.parentElement || card === dragged) return;
  event.preventDefault();
  change(`move-step:${card.parentElement.dataset.branch}:${dragged.dataset.step}:${card.dataset.step}`, "");
});
document.addEventListener("dragend", () => {
  if (dragged) dragged.draggable = false;
  dragged = null;
});
