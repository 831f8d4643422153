// Who works when: what the server said, and what was changed here since. Knows nothing of the page.
//
// A value is a shift's id, REST, or null where nothing is rostered. What somebody wants of a cell is a value or PATTERN: whatever the
// pattern gives. A draft is a wish that is not published; a wish that equals what is published is no draft.
export const PATTERN = -1;
export const REST = 0;

export class Sheet extends EventTarget {
  constructor(data) {
    super();
    this.take(data);
  }

  /** All that the server knows, in place of what was here. */
  take(data) {
    this.days = data.days;
    this.people = data.people;
    this.shifts = new Map(data.shifts.map((shift) => [shift.id, shift]));
    this.rows = new Map(data.people.map((person, row) => [person.id, row]));
    this.columns = new Map(data.days.map((day, column) => [day.date, column]));
    this.warnings = new Map();
    this.dispatchEvent(new Event("taken"));
  }

  wish(row, column) {
    const person = this.people[row];
    return person.drafts[column] ?? person.entries[column] ?? PATTERN;
  }

  value(row, column) {
    const wish = this.wish(row, column);
    return wish === PATTERN ? this.people[row].pattern[column] : wish;
  }

  isDraft(row, column) {
    return column in this.people[row].drafts;
  }

  isByHand(row, column) {
    return this.wish(row, column) !== PATTERN;
  }

  /** Why nobody can be rostered here, or "". */
  isEmployed(row, column) {
    return this.people[row].kinds[column] !== "x";
  }

  /** What a cell becomes when its shift is taken to another: free, whatever the pattern would put there. */
  left(row, column) {
    return this.people[row].pattern[column] > REST ? REST : PATTERN;
  }

  /** Changes [{row, column, to}] to their cells [person, date, to, was]; what changes nothing is left out, the last of a cell counts. */
  cellsOf(changes) {
    const last = new Map(changes.map((one) => [`${one.row}:${one.column}`, one]));
    return [...last.values()]
      .map(({ row, column, to }) => [this.people[row].id, this.days[column].date, to, this.wish(row, column)])
      .filter(([, , to, was]) => to !== was);
  }

  /** Whether one of these cells [person, date, ...] is on the page. */
  shows(cells) {
    return cells.some(([id, date]) => this.rows.has(id) && this.columns.has(date));
  }

  /** Put wishes into cells [person, date, wish]; people and days that are not shown are passed over. */
  put(cells) {
    const touched = new Set();
    for (const [id, date, wish] of cells) {
      const row = this.rows.get(id);
      const column = this.columns.get(date);
      if (row === undefined || column === undefined) continue;
      const person = this.people[row];
      if (wish === (person.entries[column] ?? PATTERN)) delete person.drafts[column];
      else person.drafts[column] = wish;
      touched.add(row);
    }
    if (touched.size) this.dispatchEvent(new CustomEvent("changed", { detail: touched }));
  }

  /** Warnings [{person, date, words, blocks}] of these people, in place of what was known of them. */
  warn(people, warnings) {
    const touched = new Set(people.map((id) => this.rows.get(id)).filter((row) => row !== undefined));
    for (const row of touched) this.warnings.delete(row);
    for (const one of warnings) {
      const row = this.rows.get(one.person);
      const column = this.columns.get(one.date);
      if (row === undefined || column === undefined) continue;
      if (!this.warnings.has(row)) this.warnings.set(row, new Map());
      const ofRow = this.warnings.get(row);
      ofRow.set(column, [...(ofRow.get(column) ?? []), one]);
    }
    this.dispatchEvent(new CustomEvent("changed", { detail: touched }));
  }

  warningsAt(row, column) {
    return this.warnings.get(row)?.get(column) ?? [];
  }

  /** What a shift is on a date: its latest version from then or before. */
  versionOf(id, date) {
    return this.shifts.get(id)?.versions.findLast((version) => version.from <= date);
  }

  /** How many cells have a draft. */
  get drafts() {
    return this.people.reduce((sum, person) => sum + Object.keys(person.drafts).length, 0);
  }

  /** Days and minutes of work of a row. */
  totalOf(row) {
    let days = 0;
    let minutes = 0;
    this.days.forEach(({ date }, column) => {
      const value = this.value(row, column);
      if (value === null || value === REST || !this.isEmployed(row, column)) return;
      days += 1;
      minutes += this.versionOf(value, date)?.minutes ?? 0;
    });
    return { days, minutes };
  }

  /** Heads by shift and column: a map from shift to an array with a number for each day. Shifts that nobody has are left out. */
  counts() {
    const found = new Map();
    for (let row = 0; row < this.people.length; row += 1) {
      for (let column = 0; column < this.days.length; column += 1) {
        const value = this.value(row, column);
        if (value === null || value === REST || !this.isEmployed(row, column)) continue;
        if (!found.has(value)) found.set(value, new Array(this.days.length).fill(0));
        found.get(value)[column] += 1;
      }
    }
    return new Map([...this.shifts.keys()].filter((id) => found.has(id)).map((id) => [id, found.get(id)]));
  }
}
