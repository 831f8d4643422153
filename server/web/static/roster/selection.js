// What is selected in the grid: a rectangle with an active cell in it. Rows and columns count from 0; the corners are included.
export class Selection extends EventTarget {
  constructor() {
    super();
    this.anchor = { row: 0, column: 0 };
    this.active = { row: 0, column: 0 };
  }

  get rectangle() {
    const { anchor, active } = this;
    return {
      top: Math.min(anchor.row, active.row),
      bottom: Math.max(anchor.row, active.row),
      left: Math.min(anchor.column, active.column),
      right: Math.max(anchor.column, active.column),
    };
  }

  get isOne() {
    return this.anchor.row === this.active.row && this.anchor.column === this.active.column;
  }

  holds(row, column) {
    const { top, bottom, left, right } = this.rectangle;
    return row >= top && row <= bottom && column >= left && column <= right;
  }

  /** Every cell, row by row. */
  cells() {
    return cellsOf(this.rectangle);
  }

  to(row, column) {
    this.anchor = { row, column };
    this.active = { row, column };
    this.dispatchEvent(new Event("moved"));
  }

  /** As far as here from where it began. */
  reach(row, column) {
    this.active = { row, column };
    this.dispatchEvent(new Event("moved"));
  }

  span({ top, bottom, left, right }) {
    this.anchor = { row: top, column: left };
    this.active = { row: bottom, column: right };
    this.dispatchEvent(new Event("moved"));
  }
}

export function cellsOf({ top, bottom, left, right }) {
  const found = [];
  for (let row = top; row <= bottom; row += 1) for (let column = left; column <= right; column += 1) found.push({ row, column });
  return found;
}
