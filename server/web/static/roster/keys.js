// The grid by keyboard: arrows walk, Shift selects, letters and digits set a shift; copy and paste also from and to a spreadsheet.
import { PATTERN, REST } from "./sheet.js";
import { say } from "./words.js";

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** keys: a map from a letter or digit to a shift. reveal: shows the active cell. */
export function listenToKeys({ table, sheet, selection, edits, keys, reveal, mayChange }) {
  table.addEventListener("keydown", (event) => {
    const act = walk(event) ?? (mayChange ? change(event) : null);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
    reveal();
  });
  for (const name of ["copy", "cut", "paste"]) {
    document.addEventListener(name, (event) => {
      if (document.activeElement !== table || (name !== "copy" && !mayChange)) return;
      event.preventDefault();
      carry[name](event.clipboardData);
      reveal();
    });
  }

  function walk(event) {
    const step = STEPS[event.key];
    const control = event.ctrlKey || event.metaKey;
    const lastRow = sheet.people.length - 1;
    const lastColumn = sheet.days.length - 1;
    const { row, column } = selection.active;
    const page = Math.max(1, Math.floor(table.parentNode.clientHeight / 40));
    const go = (toRow, toColumn) => () => {
      const place = [Math.max(0, Math.min(lastRow, toRow)), Math.max(0, Math.min(lastColumn, toColumn))];
      if (event.shiftKey) selection.reach(...place);
      else selection.to(...place);
    };
    if (step) return control ? go(row + step[0] * lastRow, column + step[1] * lastColumn) : go(row + step[0], column + step[1]);
    if (event.key === "Home") return go(control ? 0 : row, 0);
    if (event.key === "End") return go(control ? lastRow : row, lastColumn);
    if (event.key === "PageUp") return go(row - page, column);
    if (event.key === "PageDown") return go(row + page, column);
    if (control && event.key.toLowerCase() === "a") return () => selection.span({ top: 0, left: 0, bottom: lastRow, right: lastColumn });
    return null;
  }

  function change(event) {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.ctrlKey || event.metaKey) {
      if (key === "z") return () => (event.shiftKey ? edits.redo() : edits.undo());
      if (key === "y") return () => edits.redo();
      if (key === "d") return () => edits.fillDown();
      if (key === "r") return () => edits.fillRight();
      return null;
    }
    if (event.altKey) return null;
    if (key === "Delete" || key === "Backspace") return () => edits.set(PATTERN);
    if (key === "0") return () => edits.set(REST);
    return keys.has(key) ? () => edits.set(keys.get(key)) : null;
  }

  const carry = {
    copy: (board) => board.setData("text/plain", asText(edits.copy())),
    cut: (board) => board.setData("text/plain", asText(edits.cut())),
    paste: (board) => {
      const text = board.getData("text/plain");
      // our own, unless something else was copied in between: then what fits the shifts' signs is taken
      if (edits.clipboard && (!text || text === asText(edits.clipboard.lines))) edits.paste();
      else edits.paste(fromText(text), null);
    },
  };

  function asText(lines) {
    return lines.map((line) => line.map(signOf).join("\t")).join("\n");
  }

  function signOf(value) {
    if (value === null) return "";
    return value === REST ? say("rest-sign") : (sheet.shifts.get(value)?.sign ?? "");
  }

  function fromText(text) {
    const signs = new Map([...sheet.shifts.values()].flatMap((shift) => [[shift.sign, shift.id], [shift.name, shift.id]]));
    signs.set(say("rest-sign"), REST);
    signs.set(say("rest"), REST);
    const lines = text.replace(/\r?\n$/, "").split(/\r?\n/).map((line) => line.split("\t").map((sign) => sign.trim()));
    const known = lines.every((line) => line.every((sign) => !sign || signs.has(sign)));
    return known ? lines.map((line) => line.map((sign) => signs.get(sign) ?? null)) : null;
  }
}

/** A key for each shift: its sign where that is one letter or digit, else the next free digit, then letter; 0 is rest. */
export function keysOf(shifts) {
  const keys = new Map();
  const rest = [];
  for (const shift of shifts) {
    const own = /^[1-9a-z]$/i.test(shift.sign) ? shift.sign.toLowerCase() : "";
    if (own && !keys.has(own)) keys.set(own, shift.id);
    else rest.push(shift);
  }
  for (const shift of rest) {
    const free = [..."123456789abcdefghijklmnopqrstuvwxyz"].find((key) => !keys.has(key));
    if (free) keys.set(free, shift.id);
  }
  return keys;
}
