// The live board: rows come by server-sent events. Each connection begins with all rows, so a break loses nothing.
const board = document.getElementById("board");
const sites = document.getElementById("sites");
const line = document.getElementById("line");
const waiting = document.getElementById("waiting");
const nothing = document.getElementById("nothing");
const SHOWN = 50;
const QUIET_TOO_LONG = 40_000; // the server says something every 15 s; a line that died without a word says nothing
const NEXT_TRY = 2_000;
const ASK_AGAIN = 30_000; // what waits for the reader changes slowly

let events = null;
let heardAt = Date.now();

function say(on) {
  const words = on ? line.dataset.on : line.dataset.off;
  if (line.textContent === words) return; // a status that is written again is read aloud again
  line.textContent = words;
  line.className = `cb-state ${on ? "cb-ok" : "cb-wrong"}`;
}

function partsOf(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

// Someone may have tabbed onto a link of what is replaced: the focus goes to the same link of the new one.
function keepingFocus(place, replace) {
  const focused = place.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  replace();
  if (focused) place.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

function show(rows) {
  const old = new Map([...board.rows].map((row) => [row.dataset.id, row]));
  const same = rows.length === old.size && rows.every((row, place) => board.rows[place].dataset.id === row.dataset.id);
  if (!same) keepingFocus(board, () => board.replaceChildren(...rows.map((row) => old.get(row.dataset.id) ?? row)));
  nothing.hidden = board.rows.length > 0;
}

function add(rows) {
  const shown = new Set([...board.rows].map((row) => row.dataset.id));
  const fresh = rows.filter((row) => !shown.has(row.dataset.id));
  for (const row of fresh) row.classList.add("cb-new");
  board.prepend(...fresh);
  while (board.rows.length > SHOWN) board.rows[board.rows.length - 1].remove();
  nothing.hidden = board.rows.length > 0;
}

function renew(place, html) {
  const renewed = document.createElement("div");
  renewed.append(partsOf(html));
  if (renewed.innerHTML.trim() !== place.innerHTML.trim()) keepingFocus(place, () => place.replaceChildren(...renewed.childNodes));
}

async function askWhatWaits() {
  const answer = await fetch("/board/waiting", { redirect: "error" }).catch(() => null);
  if (answer?.ok) renew(waiting, await answer.text());
}

function listen() {
  events?.close();
  const own = new EventSource(board.dataset.events);
  events = own;
  heardAt = Date.now();
  const on = (name, act) => own.addEventListener(name, (event) => {
    if (own !== events) return;
    heardAt = Date.now();
    act(event.data);
  });
  on("rows", (html) => {
    say(true);
    show([...partsOf(html).querySelectorAll("tr")]);
  });
  on("punches", (html) => add([...partsOf(html).querySelectorAll("tr")]));
  on("sites", (html) => renew(sites, html));
  on("beat", () => {});
  on("again", listen);
  own.addEventListener("error", () => {
    if (own !== events) return;
    say(false);
    if (own.readyState === EventSource.CLOSED) setTimeout(comeAgain, NEXT_TRY, own); // else the browser tries again by itself
  });
}

// The server refused the stream. When it would lead somewhere else (the session has ended), the whole page goes there.
async function comeAgain(refused) {
  if (refused !== events) return;
  try {
    const answer = await fetch(location.href, { redirect: "manual" });
    if (answer.type === "opaqueredirect" || answer.status === 403) return location.reload();
  } catch {
    // not reachable: the next try will tell
  }
  listen();
}

setInterval(askWhatWaits, ASK_AGAIN);

setInterval(() => {
  if (Date.now() - heardAt < QUIET_TOO_LONG) return;
  say(false);
  listen();
}, 5_000);

listen();
