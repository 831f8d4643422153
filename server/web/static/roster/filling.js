// Filling many cells at once: what the last week or month had, or a rotation over people.
import { PATTERN, REST } from "./sheet.js";
import { say } from "./words.js";

const DAY = 86_400_000;

export function offerFilling({ sheet, selection, edits, source, ask }) {
  const dialog = document.getElementById("roster-rotation");
  const turns = dialog?.querySelector("[name=turns]");
  const told = dialog?.querySelector("[role=status]");

  document.getElementById("roster-copy")?.addEventListener("click", copyLast);
  document.getElementById("roster-fill")?.addEventListener("click", () => {
    const { top, bottom, left, right } = selection.rectangle;
    told.textContent = say("rotation-where", { people: bottom - top + 1, days: right - left + 1 });
    dialog.showModal();
  });
  for (const button of dialog?.querySelectorAll("[data-turn]") ?? []) {
    button.addEventListener("click", () => (turns.value = `${turns.value} ${button.dataset.turn}`.trim()));
  }
  dialog?.querySelector("form").addEventListener("submit", (event) => {
    if (event.submitter?.value !== "fill") return;
    const { found, unknown } = read(turns.value);
    if (unknown || !found.length) {
      event.preventDefault();
      told.textContent = unknown ? say("rotation-unknown", { sign: unknown }) : say("rotation-empty");
      turns.focus();
      return;
    }
    edits.rotate(found, Number(dialog.querySelector("[name=offset]").value) || 0);
  });

  /** Signs with spaces between them, as shifts; `unknown` is the first that nobody knows. */
  function read(text) {
    const signs = new Map([...sheet.shifts.values()].flatMap((shift) => [[shift.sign, shift.id], [shift.name, shift.id]]));
    signs.set(say("rest-sign"), REST).set(say("rest"), REST);
    const words = text.split(/[\s,，、]+/).filter(Boolean);
    return { found: words.map((word) => signs.get(word)), unknown: words.find((word) => !signs.has(word)) };
  }

  async function copyLast() {
    const length = sheet.days.length;
    const before = sheet.days.map(({ date }) => dayBefore(date, length));
    const asked = new URL(source, location.href);
    asked.searchParams.set("first", before.reduce((one, other) => (one < other ? one : other)));
    asked.searchParams.set("last", before.reduce((one, other) => (one > other ? one : other)));
    const past = await ask(asked.pathname + asked.search);
    if (!past) return;
    const rows = new Map(past.people.map((person) => [person.id, person]));
    const columns = new Map(past.days.map((day, column) => [day.date, column]));
    const wanted = selection.isOne ? null : selection.rectangle;
    const changes = [];
    sheet.people.forEach((person, row) => {
      const old = rows.get(person.id);
      before.forEach((date, column) => {
        const from = columns.get(date);
        if (!old || from === undefined || (wanted && !selection.holds(row, column))) return;
        changes.push({ row, column, to: old.drafts[from] ?? old.entries[from] ?? PATTERN });
      });
    });
    edits.make(changes);
  }
}

/** The day whose roster a day takes over: the same weekday, as long before as the range is, or in the month before. */
function dayBefore(date, length) {
  const minus = (days) => new Date(new Date(date).getTime() - days * DAY).toISOString().slice(0, 10);
  if (length <= 14) return minus(length);
  return minus(28).slice(0, 7) === date.slice(0, 7) ? minus(35) : minus(28);
}
