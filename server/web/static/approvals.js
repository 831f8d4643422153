// The inbox of approvals. One tap answers; for some seconds it can be undone, and then it is sent. Whoever leaves the page sends it at once.
// On a desk: j and k walk, x chooses, a approves, r refuses; many at once go as one piece of long work.
const SECONDS = 5;
const form = document.getElementById("approvals");
const pattern = document.getElementById("undo");
const fault = document.getElementById("fault");
const count = document.getElementById("chosen-count");
const all = document.getElementById("all");
const held = new Map();

const cards = () => [...(form?.querySelectorAll("[data-card]") ?? [])].filter((card) => !card.hidden);
const boxes = () => [...(form?.querySelectorAll('input[name="ids"]') ?? [])];

function waiting(step) {
  const place = document.querySelector("[data-waiting]");
  if (place) place.textContent = String(Math.max(0, Number(place.textContent) + step));
}

function hold(card, verdict) {
  if (held.has(card)) return;
  fault.hidden = true;
  const sign = pattern.content.firstElementChild.cloneNode(true);
  const words = sign.querySelector("p");
  const said = verdict === "approve" ? words.dataset.wordsApprove : words.dataset.wordsRefuse;
  words.textContent = `${said} · ${card.dataset.who}`;
  const bar = sign.querySelector("progress");
  const field = sign.querySelector("input");
  const until = Date.now() + SECONDS * 1000;
  const one = { card, verdict, sign, field, stopped: false, timer: 0 };
  one.timer = setInterval(() => {
    bar.value = one.stopped ? 100 : ((until - Date.now()) / (SECONDS * 1000)) * 100;
    if (!one.stopped && Date.now() >= until) send(one);
  }, 100);
  // Who begins to write why is not hurried: it goes with Enter, or when they go on to something else.
  field.addEventListener("focus", () => (one.stopped = true));
  field.addEventListener("blur", () => setTimeout(() => held.has(card) && sign.contains(document.activeElement) === false && send(one), 150));
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    send(one);
  });
  sign.querySelector("button").addEventListener("click", () => release(one));
  held.set(card, one);
  card.append(sign);
  for (const button of card.querySelectorAll(".cb-ap-buttons button")) button.disabled = true;
  waiting(-1);
  sign.querySelector("button").focus({ preventScroll: true });
}

function release(one) {
  clearInterval(one.timer);
  held.delete(one.card);
  one.sign.remove();
  for (const button of one.card.querySelectorAll(".cb-ap-buttons button")) button.disabled = false;
  waiting(1);
  one.card.querySelector("h2 a")?.focus({ preventScroll: true });
}

async function send(one) {
  clearInterval(one.timer);
  if (!held.delete(one.card)) return;
  one.sign.querySelector("button").disabled = true;
  const body = JSON.stringify({ verdict: one.verdict, comment: one.field.value });
  const headers = { "content-type": "application/json", accept: "application/json" };
  const answer = await fetch(`/api/v1/approvals/${one.card.dataset.card}/decide`, { method: "POST", headers, body, keepalive: true }).catch(() => null);
  if (answer?.ok) {
    const next = cards()[cards().indexOf(one.card) + 1];
    if (one.card.contains(document.activeElement)) next?.querySelector("h2 a")?.focus({ preventScroll: true });
    one.card.hidden = true;
    const box = one.card.querySelector('input[name="ids"]');
    if (box) box.checked = false;
    tell();
    if (!cards().length) nothingLeft();
    return;
  }
  const told = answer ? await answer.json().catch(() => null) : null;
  release(one);
  fault.textContent = told?.message ?? fault.dataset.lost;
  fault.hidden = false;
  fault.scrollIntoView({ block: "nearest" });
}

function nothingLeft() {
  const place = document.querySelector("[data-waiting]");
  if (place && Number(place.textContent) > 0) location.reload();
  else {
    form.hidden = true;
    document.querySelector(".cb-ap-none").hidden = false;
  }
}

function tell() {
  const everything = form?.querySelector('input[name="everything"]');
  const chosen = everything?.checked ? Number(everything.dataset.n) : boxes().filter((box) => box.checked).length;
  for (const box of boxes()) box.closest("[data-card]").classList.toggle("cb-picked", box.checked);
  for (const button of form?.querySelectorAll(".cb-ap-bulk button") ?? []) button.disabled = chosen === 0;
  if (count) count.textContent = count.dataset.words.replace("{n}", String(chosen));
}

form?.addEventListener("submit", (event) => {
  const card = event.submitter?.closest("[data-card]");
  if (!card) return sendAll();
  event.preventDefault();
  hold(card, event.submitter.value);
});
form?.addEventListener("change", (event) => {
  if (event.target === all) for (const box of boxes()) box.checked = all.checked;
  tell();
});

function sendAll() {
  for (const one of [...held.values()]) send(one);
}
addEventListener("pagehide", sendAll);
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && sendAll());

function walk(step) {
  const listed = cards();
  const here = listed.indexOf(document.activeElement.closest("[data-card]"));
  listed[Math.max(0, Math.min(listed.length - 1, here + step))]?.querySelector("h2 a")?.focus();
}

document.addEventListener("keydown", (event) => {
  if (!form || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.target.closest("input:not([type=checkbox]), select, textarea")) return;
  const card = event.target.closest("[data-card]");
  if (event.key === "j") walk(1);
  else if (event.key === "k") walk(-1);
  else if (event.key === "x" && card) {
    const box = card.querySelector('input[name="ids"]');
    box.checked = !box.checked;
    tell();
  } else if (event.key === "a" && card) hold(card, "approve");
  else if (event.key === "r" && card) hold(card, "refuse");
});
if (form) tell();
