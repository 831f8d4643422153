// Draws the grid: only the rows that are in view, so that 500 people and a month stay light. Heights are fixed by the style sheet.
import { REST } from "./sheet.js";
import { say, sayDay, sayMinutes, sayWeekday } from "./words.js";

const BEFORE_AND_AFTER = 8; // rows beyond the window, so that a quick look does not meet a gap
const TINTS = 8;
const ROOM_FOR_HOURS = 7; // days with which a cell is wide enough for them
const BESIDE_DAYS = 264; // pixels of the names and of the sums
const HOLIDAYS = new Set(["statutory", "moved", "swapped-rest", "weekend", "company"]);

export class View {
  constructor(box, sheet, selection) {
    this.box = box;
    this.table = box.querySelector("table");
    this.sheet = sheet;
    this.selection = selection;
    this.drawn = new Map(); // row to its tr
    [this.above, this.body, this.below] = this.table.tBodies;
    this.tints = new Map([...sheet.shifts.keys()].map((id, place) => [id, place % TINTS]));
    box.addEventListener("scroll", () => this.#soon(), { passive: true });
    new ResizeObserver(() => this.#soon()).observe(box);
    sheet.addEventListener("taken", () => this.all());
    sheet.addEventListener("changed", (event) => this.#again(event.detail));
    selection.addEventListener("moved", () => this.#select());
  }

  /** Everything anew. */
  all() {
    this.#head();
    this.table.setAttribute("aria-rowcount", this.sheet.people.length + 1);
    this.table.setAttribute("aria-colcount", this.sheet.days.length + 3);
    for (const line of this.drawn.values()) line.remove();
    this.drawn.clear();
    this.rowHeight = this.#length("--cb-roster-row");
    this.roomy = this.sheet.days.length <= ROOM_FOR_HOURS;
    this.#rows();
    this.#foot();
    this.#select();
  }

  cellAt(row, column) {
    return this.drawn.get(row)?.cells[column + 1];
  }

  /** The place of an element in the grid, null outside its cells. */
  placeOf(element) {
    const cell = element?.closest?.("td[data-column]");
    return cell && this.body.contains(cell) ? { row: Number(cell.parentNode.dataset.row), column: Number(cell.dataset.column) } : null;
  }

  /** A whole sentence about a cell, as the line below the grid and screen readers say it. */
  sentence(row, column) {
    const { sheet } = this;
    const { date, name } = sheet.days[column];
    const told = [sheet.people[row].name, sayDay(date) + (name ? ` (${name})` : ""), this.#word(row, column)];
    if (sheet.isByHand(row, column)) told.push(say("by-hand"));
    if (sheet.isDraft(row, column)) told.push(say("draft"));
    if (sheet.people[row].leave[column]) told.push(sheet.people[row].leave[column]);
    return [told.join(" · "), ...sheet.warningsAt(row, column).map((one) => one.words)].join(" — ");
  }

  /** Bring the active cell into view, clear of the parts that stay in place. */
  reveal() {
    const { row, column } = this.selection.active;
    const { box, table } = this;
    const top = row * this.rowHeight;
    const room = box.clientHeight - table.tHead.offsetHeight - table.tFoot.offsetHeight;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + this.rowHeight > box.scrollTop + room) box.scrollTop = top + this.rowHeight - room;
    this.#rows();
    const cell = this.cellAt(row, column);
    if (!cell) return;
    const left = table.tHead.rows[0].cells[0].offsetWidth;
    if (cell.offsetLeft < box.scrollLeft + left) box.scrollLeft = cell.offsetLeft - left;
    else if (cell.offsetLeft + cell.offsetWidth > box.scrollLeft + box.clientWidth)
      box.scrollLeft = cell.offsetLeft + cell.offsetWidth - box.clientWidth;
  }

  #soon() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.#rows();
    });
  }

  #length(name) {
    return parseFloat(getComputedStyle(this.table).getPropertyValue(name));
  }

  #head() {
    const cells = [heading(say("person"), "cb-roster-who")];
    this.sheet.days.forEach((day, column) => {
      const cell = heading("", classOfDay(day));
      cell.append(element("span", sayWeekday(day.date)), element("strong", String(Number(day.date.slice(-2)))));
      if (day.name || !day.known) {
        cell.title = [day.name, day.known ? "" : say("not-announced")].filter(Boolean).join(" · ");
        cell.append(element("small", markOf(day)));
      }
      cell.setAttribute("aria-label", [sayDay(day.date), cell.title].filter(Boolean).join(" · "));
      cell.setAttribute("aria-colindex", column + 2);
      cells.push(cell);
    });
    cells.push(heading(say("hours"), "cb-roster-sum cb-roster-hours"), heading(say("days"), "cb-roster-sum"));
    this.table.tHead.rows[0].replaceChildren(...cells);
    this.table.style.width = `${BESIDE_DAYS + this.sheet.days.length * this.#length("--cb-roster-cell")}px`; // fixed layout wants one
  }

  #rows() {
    const { people } = this.sheet;
    const first = Math.max(0, Math.floor(this.box.scrollTop / this.rowHeight) - BEFORE_AND_AFTER);
    const last = Math.min(people.length - 1, Math.ceil((this.box.scrollTop + this.box.clientHeight) / this.rowHeight) + BEFORE_AND_AFTER);
    for (const [row, line] of this.drawn) {
      if (row >= first && row <= last) continue;
      line.remove();
      this.drawn.delete(row);
    }
    let next = this.body.firstChild;
    for (let row = first; row <= last; row += 1) {
      const there = this.drawn.get(row);
      if (there) next = there.nextSibling;
      else this.body.insertBefore(this.#line(row), next);
    }
    spacer(this.above, first * this.rowHeight);
    spacer(this.below, (people.length - 1 - last) * this.rowHeight);
  }

  #line(row) {
    const person = this.sheet.people[row];
    const line = document.createElement("tr");
    line.dataset.row = row;
    line.setAttribute("aria-rowindex", row + 2);
    const who = heading("", "cb-roster-who", "row");
    who.append(element("span", person.name), element("small", person.number));
    who.title = [person.name, person.number, person.unit].filter(Boolean).join(" · ");
    line.append(who);
    this.sheet.days.forEach((day, column) => {
      const cell = document.createElement("td");
      cell.dataset.column = column;
      cell.id = `c${row}-${column}`;
      cell.setAttribute("role", "gridcell");
      cell.setAttribute("aria-colindex", column + 2);
      line.append(cell);
    });
    line.append(element("td", "", "cb-roster-sum cb-roster-hours"), element("td", "", "cb-roster-sum"));
    this.drawn.set(row, line);
    this.#paint(row);
    return line;
  }

  #paint(row) {
    const line = this.drawn.get(row);
    if (!line) return;
    for (let column = 0; column < this.sheet.days.length; column += 1) {
      const cell = line.cells[column + 1];
      cell.className = this.#classes(row, column).join(" ");
      cell.textContent = this.#sign(row, column);
      if (this.roomy) cell.append(element("small", this.#hours(row, column)));
      cell.setAttribute("aria-label", this.sentence(row, column));
      cell.setAttribute("aria-selected", String(this.selection.holds(row, column)));
    }
    const { days, minutes } = this.sheet.totalOf(row);
    line.cells[this.sheet.days.length + 1].textContent = sayMinutes(minutes);
    line.cells[this.sheet.days.length + 2].textContent = days;
  }

  #classes(row, column) {
    const { sheet } = this;
    const value = sheet.value(row, column);
    const found = ["cb-roster-cell"];
    if (!sheet.isEmployed(row, column)) found.push("cb-roster-away");
    else if (value === null) found.push("cb-roster-nothing");
    else if (value === REST) found.push("cb-roster-rest");
    else found.push(`cb-tint-${this.tints.get(value) ?? 0}`);
    if (sheet.isByHand(row, column)) found.push("cb-roster-hand");
    if (sheet.isDraft(row, column)) found.push("cb-roster-draft");
    const warnings = sheet.warningsAt(row, column);
    if (warnings.length) found.push(warnings.some((one) => one.blocks) ? "cb-roster-error" : "cb-roster-warned");
    if (sheet.people[row].leave[column]) found.push("cb-roster-leave");
    const { active, rectangle } = this.selection;
    if (this.selection.holds(row, column)) found.push("cb-roster-selected");
    if (row === active.row && column === active.column) found.push("cb-roster-active");
    if (row === rectangle.bottom && column === rectangle.right) found.push("cb-roster-corner");
    return found;
  }

  #sign(row, column) {
    const value = this.sheet.value(row, column);
    if (!this.sheet.isEmployed(row, column) && !this.sheet.isByHand(row, column)) return "";
    if (value === null) return "·";
    if (value === REST) return this.sheet.people[row].kinds[column] === "h" ? say("holiday-sign") : say("rest-sign");
    return this.sheet.shifts.get(value)?.sign ?? "?";
  }

  #hours(row, column) {
    return this.sheet.versionOf(this.sheet.value(row, column), this.sheet.days[column].date)?.hours ?? "";
  }

  #word(row, column) {
    const value = this.sheet.value(row, column);
    if (!this.sheet.isEmployed(row, column) && !this.sheet.isByHand(row, column)) return say("not-employed");
    if (value === null) return say("nothing");
    if (value === REST) return this.sheet.people[row].kinds[column] === "h" ? say("holiday") : say("rest");
    return [this.sheet.shifts.get(value)?.name ?? "?", this.#hours(row, column)].filter(Boolean).join(" ");
  }

  #again(rows) {
    for (const row of rows) this.#paint(row);
    this.#foot();
  }

  #foot() {
    const counts = this.sheet.counts();
    const total = new Array(this.sheet.days.length).fill(0);
    for (const ofShift of counts.values()) ofShift.forEach((count, column) => (total[column] += count));
    const lines = [...counts].map(([id, ofShift]) => {
      const shift = this.sheet.shifts.get(id);
      return this.#countLine(`${shift.sign} ${shift.name}`, ofShift, `cb-roster-count cb-tint-${this.tints.get(id)}`);
    });
    this.table.tFoot.replaceChildren(this.#countLine(say("at-work"), total, "cb-roster-count cb-roster-all"), ...lines);
  }

  #countLine(name, counts, kind) {
    const line = element("tr", "", kind);
    const cells = counts.map((count, column) => element("td", count || "", classOfDay(this.sheet.days[column])));
    line.append(heading(name, "cb-roster-who", "row"), ...cells);
    line.append(element("td", "", "cb-roster-sum cb-roster-hours"), element("td", counts.reduce((sum, one) => sum + one, 0), "cb-roster-sum"));
    return line;
  }

  #select() {
    const { active, rectangle } = this.selection;
    for (const [row, line] of this.drawn) {
      for (let column = 0; column < this.sheet.days.length; column += 1) {
        const cell = line.cells[column + 1];
        const selected = this.selection.holds(row, column);
        if ((cell.getAttribute("aria-selected") === "true") !== selected) {
          cell.setAttribute("aria-selected", String(selected));
          cell.classList.toggle("cb-roster-selected", selected);
        }
        cell.classList.toggle("cb-roster-active", row === active.row && column === active.column);
        cell.classList.toggle("cb-roster-corner", row === rectangle.bottom && column === rectangle.right);
      }
    }
    this.table.setAttribute("aria-activedescendant", `c${active.row}-${active.column}`);
  }
}

export function classOfDay(day) {
  if (HOLIDAYS.has(day.kind)) return "cb-roster-holiday";
  if (day.kind === "make-up") return "cb-roster-makeup";
  return [0, 6].includes(new Date(day.date).getUTCDay()) ? "cb-roster-weekend" : "";
}

function markOf(day) {
  if (HOLIDAYS.has(day.kind)) return say("holiday-sign");
  return day.kind === "make-up" ? say("make-up-sign") : "?";
}

function element(name, text, kind = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function heading(text, kind, scope = "col") {
  const made = element("th", text, kind);
  made.scope = scope;
  return made;
}

function spacer(place, height) {
  place.rows[0].cells[0].style.height = `${Math.max(0, height)}px`;
  place.hidden = height <= 0;
}
