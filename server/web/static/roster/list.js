// The roster on a phone: everybody on one day, or one person's days; a tap opens the shifts to choose from.
import { REST } from "./sheet.js";
import { say, sayDay } from "./words.js";

export class List {
  constructor(place, sheet, edits, { mayChange, palette }) {
    Object.assign(this, { place, sheet, edits, mayChange });
    this.chooser = place.querySelector("dialog");
    this.lines = place.querySelector("[data-lines]");
    this.day = place.querySelector("[name=day]");
    this.person = place.querySelector("[name=person]");
    this.narrow = matchMedia("(max-width: 700px)");
    this.#offer(palette);
    this.day.addEventListener("change", () => this.#draw());
    this.person.addEventListener("change", () => this.#draw());
    this.narrow.addEventListener("change", () => this.#fill());
    sheet.addEventListener("taken", () => this.#fill());
    sheet.addEventListener("changed", () => this.#draw());
    this.#fill();
  }

  #fill() {
    const { sheet } = this;
    const today = sheet.columns.get(this.place.dataset.today) ?? 0;
    const [day, person] = [this.day.value, this.person.value];
    this.day.replaceChildren(...sheet.days.map((one, column) => new Option([sayDay(one.date), one.name].filter(Boolean).join(" · "), column)));
    this.person.replaceChildren(new Option(say("everybody"), ""), ...sheet.people.map((one, row) => new Option(`${one.name} ${one.number}`, row)));
    this.day.value = day || String(today);
    this.person.value = person;
    this.#draw();
  }

  #draw() {
    if (!this.narrow.matches || !this.sheet.people.length) return;
    const ofPerson = this.person.value !== "";
    this.day.parentNode.hidden = ofPerson;
    const cells = ofPerson
      ? this.sheet.days.map((day, column) => this.#line(Number(this.person.value), column, sayDay(day.date)))
      : this.sheet.people.map((person, row) => this.#line(row, Number(this.day.value), person.name));
    this.lines.replaceChildren(...cells);
  }

  #line(row, column, title) {
    const { sheet } = this;
    const line = document.createElement("li");
    const button = document.createElement("button");
    const value = sheet.value(row, column);
    const shift = sheet.shifts.get(value);
    const words = value === null ? say("nothing") : value === REST ? say("rest") : (shift?.name ?? "?");
    const hours = sheet.versionOf(value, sheet.days[column].date)?.hours ?? "";
    button.type = "button";
    button.disabled = !this.mayChange;
    button.append(piece("strong", title), piece("span", [words, hours].filter(Boolean).join(" ")));
    if (sheet.isDraft(row, column)) button.append(piece("span", say("draft"), "cb-state cb-off"));
    for (const one of sheet.warningsAt(row, column)) button.append(piece("small", one.words, one.blocks ? "cb-wrong" : "cb-attention"));
    button.addEventListener("click", () => this.#choose(row, column));
    line.append(button);
    return line;
  }

  #choose(row, column) {
    this.chosen = [{ row, column }];
    this.chooser.querySelector("h2").textContent = `${this.sheet.people[row].name} · ${sayDay(this.sheet.days[column].date)}`;
    this.chooser.showModal();
  }

  #offer(palette) {
    const choices = palette.map((button) => {
      const choice = piece("button", button.dataset.words, "btn");
      choice.value = button.dataset.value;
      return choice;
    });
    this.chooser.querySelector("[data-choices]").replaceChildren(...choices);
    this.chooser.addEventListener("close", () => {
      const { returnValue } = this.chooser;
      this.chooser.returnValue = "";
      if (returnValue !== "") this.edits.set(Number(returnValue), this.chosen);
    });
  }
}

function piece(name, text, kind = "") {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = kind;
  return made;
}
