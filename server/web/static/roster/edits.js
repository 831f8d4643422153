// What people do to a roster, as changes of cells: set, clear, move, copy, paste, fill. All of it goes one way: `Edits.make`.
import { PATTERN } from "./sheet.js";
import { cellsOf } from "./selection.js";

export class Edits {
  constructor(sheet, selection, saver) {
    Object.assign(this, { sheet, selection, saver });
    this.clipboard = null;
  }

  /** Change cells [{row, column, to}] here at once and send them; what changes nothing is nothing. */
  make(changes) {
    const inside = changes.filter(({ row, column }) => row in this.sheet.people && column in this.sheet.days);
    const cells = this.sheet.cellsOf(inside);
    if (!cells.length) return;
    this.sheet.put(cells);
    this.saver.edit(cells);
  }

  set(to, cells = this.selection.cells()) {
    this.make(cells.map((cell) => ({ ...cell, to })));
  }

  undo() {
    this.sheet.put(this.saver.undo());
  }

  redo() {
    this.sheet.put(this.saver.redo());
  }

  /** What is selected, as lines of values; an empty cell is null. */
  grabbed({ top, bottom, left, right } = this.selection.rectangle) {
    const lines = [];
    for (let row = top; row <= bottom; row += 1) {
      lines.push([]);
      for (let column = left; column <= right; column += 1) lines.at(-1).push(this.sheet.value(row, column));
    }
    return lines;
  }

  copy() {
    this.clipboard = { lines: this.grabbed(), cut: null };
    return this.clipboard.lines;
  }

  cut() {
    this.clipboard = { lines: this.grabbed(), cut: this.selection.rectangle };
    return this.clipboard.lines;
  }

  /** Put lines into the selection, again and again where it is larger; what was cut leaves its place in the same step. */
  paste(lines = this.clipboard?.lines, cut = this.clipboard?.cut) {
    if (!lines?.length) return;
    const { top, left, bottom, right } = this.selection.rectangle;
    const height = Math.max(bottom - top + 1, lines.length);
    const width = Math.max(right - left + 1, lines[0].length);
    const changes = cut ? cellsOf(cut).map((cell) => ({ ...cell, to: this.sheet.left(cell.row, cell.column) })) : [];
    for (let row = 0; row < height; row += 1) {
      for (let column = 0; column < width; column += 1) {
        const to = lines[row % lines.length][column % lines[0].length] ?? PATTERN;
        changes.push({ row: top + row, column: left + column, to });
      }
    }
    if (this.clipboard) this.clipboard.cut = null;
    this.make(changes);
    this.selection.span(this.#within({ top, left, bottom: top + height - 1, right: left + width - 1 }));
  }

  /** The first line of the selection into all of it; of a single line, the one above. */
  fillDown() {
    const { top, bottom, left, right } = this.selection.rectangle;
    const from = top === bottom ? top - 1 : top;
    if (from < 0) return;
    this.make(this.selection.cells().map(({ row, column }) => ({ row, column, to: this.#given(from, column) })));
    this.selection.span({ top, bottom, left, right });
  }

  fillRight() {
    const { top, bottom, left, right } = this.selection.rectangle;
    const from = left === right ? left - 1 : left;
    if (from < 0) return;
    this.make(this.selection.cells().map(({ row, column }) => ({ row, column, to: this.#given(row, from) })));
    this.selection.span({ top, bottom, left, right });
  }

  /** What stands in one rectangle into a larger one around it, again and again. */
  fillFrom(source, { top, bottom, left, right }) {
    const lines = this.grabbed(source);
    const wrap = (number, length) => ((number % length) + length) % length;
    const changes = cellsOf({ top, bottom, left, right }).map(({ row, column }) => {
      const line = lines[wrap(row - source.top, lines.length)];
      return { row, column, to: line[wrap(column - source.left, line.length)] ?? PATTERN };
    });
    this.make(changes);
    this.selection.span({ top, bottom, left, right });
  }

  /** Take a rectangle elsewhere; `leave` is what moving does, without it the cells stay where they are, too. */
  carry(source, to, { leave }) {
    const lines = this.grabbed(source);
    const left = leave ? cellsOf(source).map((cell) => ({ ...cell, to: this.sheet.left(cell.row, cell.column) })) : [];
    const put = lines.flatMap((line, row) =>
      line.map((value, column) => ({ row: to.row + row, column: to.column + column, to: value ?? PATTERN })),
    );
    this.make([...left, ...put]);
    const { bottom, right, top, left: first } = source;
    this.selection.span(this.#within({ top: to.row, left: to.column, bottom: to.row + bottom - top, right: to.column + right - first }));
  }

  /** A rotation from the first selected day on, for each selected person `offset` days of it further than for the one above. */
  rotate(turns, offset) {
    const { top, left } = this.selection.rectangle;
    this.make(
      this.selection.cells().map(({ row, column }) => {
        const place = column - left + (row - top) * offset;
        return { row, column, to: turns[((place % turns.length) + turns.length) % turns.length] };
      }),
    );
  }

  #given(row, column) {
    return this.sheet.isByHand(row, column) ? this.sheet.wish(row, column) : (this.sheet.value(row, column) ?? PATTERN);
  }

  #within({ top, left, bottom, right }) {
    return {
      top: Math.max(0, top),
      left: Math.max(0, left),
      bottom: Math.min(bottom, this.sheet.people.length - 1),
      right: Math.min(right, this.sheet.days.length - 1),
    };
  }
}
