// The roster grid: puts its parts together and says what happens to what is edited.
import { Edits } from "./roster/edits.js";
import { listenToPointer } from "./roster/drag.js";
import { offerFilling } from "./roster/filling.js";
import { keysOf, listenToKeys } from "./roster/keys.js";
import { List } from "./roster/list.js";
import { Saver } from "./roster/saver.js";
import { Selection } from "./roster/selection.js";
import { Sheet } from "./roster/sheet.js";
import { View } from "./roster/view.js";
import { say } from "./roster/words.js";

const LOOK_AFTER = 300; // ms without an edit before the warnings are asked for again
const STALE = 60_000; // ms after which coming back to the page looks for other people's changes

const place = document.getElementById("roster");
const line = document.getElementById("roster-line");
const state = document.getElementById("roster-state");
const note = document.getElementById("roster-note");
const { source, keep } = place.dataset;
const mayChange = "mayChange" in place.dataset;

const first = await ask(source);
if (first) start(first);

function start(data) {
  const sheet = new Sheet(data);
  const selection = new Selection();
  const saver = new Saver(keep);
  const edits = new Edits(sheet, selection, saver);
  const view = new View(place, sheet, selection);
  const brush = {};
  const keys = keysOf(data.shifts.filter((shift) => shift.offered));
  const palette = [...document.querySelectorAll("[data-value]")];
  let lookedAt = Date.now();
  let timer;
  let steps = data;
  const touched = new Set();
  let told = selection.active;

  view.all();
  new List(document.getElementById("roster-list"), sheet, edits, { mayChange, palette });
  showKeys();
  listenToKeys({ table: view.table, sheet, selection, edits, keys, reveal: () => view.reveal(), mayChange });
  listenToPointer({ view, selection, edits, brush, palette, mayChange });
  offerFilling({ sheet, selection, edits, source, ask });
  count(data);
  selection.addEventListener("moved", () => tell(selection.active));
  view.table.addEventListener("focus", () => tell(selection.active));
  view.body.addEventListener("pointerover", (event) => tell(view.placeOf(event.target) ?? selection.active));
  sheet.addEventListener("changed", () => {
    tell(told); // a warning that comes while somebody reads of another cell does not take it away
    countDrafts();
  });
  for (const button of palette) button.addEventListener("click", () => hold(button));
  addEventListener("keydown", (event) => event.key === "Escape" && hold(null));
  document.getElementById("roster-undo")?.addEventListener("click", () => edits.undo());
  document.getElementById("roster-redo")?.addEventListener("click", () => edits.redo());
  document.getElementById("roster-publish")?.addEventListener("click", async (event) => {
    if (!saver.queue.length || event.ctrlKey || event.metaKey) return;
    event.preventDefault(); // the summary shall show the last edit, too
    await saver.settled();
    location.assign(event.target.href);
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && !saver.queue.length && Date.now() - lookedAt > STALE) lookAgain();
  });

  saver.addEventListener("state", ({ detail: { kind, unsent } }) => {
    state.textContent = say(`state-${kind}`, { n: unsent });
    state.className = `cb-state ${{ saved: "cb-ok", sending: "cb-off" }[kind] ?? "cb-wrong"}`;
    place.dataset.state = kind;
    count(steps);
  });
  saver.addEventListener("done", ({ detail }) => {
    note.hidden = true;
    count(detail);
    if (detail.cells) {
      if (!sheet.shows(detail.cells)) note.textContent = say("elsewhere", { day: detail.cells[0][1] });
      note.hidden = sheet.shows(detail.cells);
      sheet.put(detail.cells);
      putUnsent();
    }
    for (const [person] of detail.cells ?? detail.of.cells) touched.add(person);
    clearTimeout(timer);
    timer = setTimeout(lookAtTouched, LOOK_AFTER);
  });
  saver.addEventListener("refused", ({ detail }) => {
    note.textContent = detail.message ?? say("refused");
    note.hidden = false;
    lookAgain();
  });
  putUnsent();
  saver.run();
  warn([]);

  function putUnsent() {
    for (const edit of saver.unsent) sheet.put(edit.cells);
  }

  async function lookAgain() {
    const renewed = await ask(source);
    if (!renewed) return;
    lookedAt = Date.now();
    sheet.take(renewed);
    putUnsent();
    count(renewed);
    warn([]);
  }

  function lookAtTouched() {
    const people = [...touched];
    touched.clear();
    warn(people.length > 50 ? [] : people);
  }

  /** Ask what is doubtful, of these people or of all that are shown. */
  async function warn(people) {
    const found = await ask(`${source.replace("/roster?", "/roster/warnings?")}&people=${people.join(",")}`);
    if (found) sheet.warn(people.length ? people : sheet.people.map((one) => one.id), found.warnings);
    const all = [...sheet.warnings.values()].reduce((sum, ofRow) => sum + ofRow.size, 0);
    const shown = document.getElementById("roster-warned");
    shown.textContent = say("warned", { n: all });
    shown.hidden = !all;
  }

  function tell(cell) {
    told = cell;
    const { row, column } = cell;
    if (sheet.people[row]) line.textContent = view.sentence(row, column);
  }

  function count({ undo, redo }) {
    steps = { undo, redo };
    if (!mayChange) return;
    document.getElementById("roster-undo").disabled = !undo && !saver.unsent.length;
    document.getElementById("roster-redo").disabled = !redo && !saver.takenBack.length;
    countDrafts();
  }

  function countDrafts() {
    if (!mayChange) return;
    const { drafts } = sheet;
    const publish = document.getElementById("roster-publish");
    publish.classList.toggle("btn-primary", drafts > 0);
    publish.textContent = say("publish", { n: drafts });
  }

  /** Take a shift in hand, or lay it down. */
  function hold(button) {
    brush.value = button && brush.value !== Number(button.dataset.value) ? Number(button.dataset.value) : undefined;
    for (const one of palette) one.setAttribute("aria-pressed", String(Number(one.dataset.value) === brush.value));
    view.table.classList.toggle("cb-roster-painting", brush.value !== undefined);
  }

  function showKeys() {
    const keyOf = new Map([...keys].map(([key, id]) => [id, key]));
    keyOf.set(0, "0").set(-1, "Del");
    for (const button of palette) {
      const key = keyOf.get(Number(button.dataset.value));
      button.querySelector("kbd").textContent = key?.length === 1 ? key.toUpperCase() : (key ?? "");
    }
  }
}

/** What an address of the API answers; what is wrong is said and gives null. */
async function ask(address) {
  try {
    const answer = await fetch(address);
    const said = await answer.json();
    if (answer.ok) return said;
    note.textContent = said.message;
  } catch {
    note.textContent = say("not-loaded");
  }
  note.hidden = false;
  return null;
}
