// How the main table of a page looks to this reader, remembered on this device: which columns it shows, and roomy rows on every page.
const WIDE = 5, MOST = 16; // columns from which on choosing is worth it, and those that the stylesheet can hide
const KEY = "tables.look";

const read = () => {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
};
const look = { roomy: false, hidden: {}, ...read() };
const page = location.pathname.replace(/\d+/g, "0");
const keep = () => localStorage.setItem(KEY, JSON.stringify(look));
const roomy = () => document.documentElement.classList.toggle("cb-roomy", look.roomy);

// A table that comes anew while it is looked at would lose the choice, so those offer none.
const choosable = (table) => {
  const heads = [...table.querySelectorAll("thead tr:first-child th")];
  return heads.length >= WIDE && heads.length <= MOST && !table.closest("[data-again]") && !heads.some((one) => one.colSpan > 1);
};

const apply = (table, hidden) => {
  for (let number = 2; number <= MOST; number += 1) table.classList.toggle(`cb-hide-${number}`, hidden.includes(number));
};

const offer = (table, row) => {
  const box = document.getElementById("table-look").content.cloneNode(true).firstElementChild;
  const every = box.querySelector("[data-roomy]");
  every.checked = look.roomy;
  every.addEventListener("change", () => { look.roomy = every.checked; roomy(); keep(); });
  table.querySelectorAll("thead tr:first-child th").forEach((head, place) => {
    const name = head.textContent.trim(), number = place + 1;
    if (!place || !name) return; // the first says whose row it is
    const label = Object.assign(document.createElement("label"), { className: "cb-check" });
    const tick = Object.assign(document.createElement("input"), { type: "checkbox", checked: !(look.hidden[page] ?? []).includes(number) });
    tick.addEventListener("change", () => {
      const others = (look.hidden[page] ?? []).filter((one) => one !== number);
      look.hidden[page] = tick.checked ? others : [...others, number];
      apply(table, look.hidden[page]);
      keep();
    });
    label.append(tick, name);
    box.querySelector("fieldset").append(label);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { box.open = false; box.querySelector("summary").focus(); }
  });
  document.addEventListener("click", (event) => { if (!box.contains(event.target)) box.open = false; });
  row.append(box);
};

roomy();
const table = document.querySelector(":is(main, main > form) > .cb-tablebox > table.cb"), row = document.querySelector("main > .cb-row:has(> h1)");
if (table && row && choosable(table)) {
  apply(table, look.hidden[page] ?? []);
  offer(table, row);
}
