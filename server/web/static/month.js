// The month grid: rows are drawn as they come into view; arrows walk, Enter opens the day, the sentence of a cell stands below the grid.
const box = document.getElementById("month");
const table = box.querySelector("table");
const body = table.tBodies[0];
const says = document.getElementById("month-says");
const facts = JSON.parse(document.getElementById("month-facts").textContent);
const SPARE = 12; // rows drawn above and below what is in view
const OVERTIME = 32, UNSETTLED = 64, CORRECTED = 128, SIGN = 31, NOTHING = -1;
const LATER_MS = 120; // the pointer only passes over most cells
const NAME = 0;

const rows = [...facts.rows];
const drawn = new Map();
const told = new Map();
let height = 30;
let at = { row: 0, column: 0 };
let asking = 0;

const spacer = (name) => {
  const row = document.createElement("tr");
  row.className = name;
  row.ariaHidden = "true";
  row.append(document.createElement("td"));
  return row;
};
const above = spacer("cb-spacer");
const below = spacer("cb-spacer");
body.replaceChildren(above, below);

function cellOf(code, person, day) {
  const cell = document.createElement("td");
  cell.role = "gridcell";
  cell.tabIndex = -1;
  if (code === NOTHING) {
    cell.className = "cb-cell cb-kind-none";
    cell.ariaLabel = facts.words.none;
    return cell;
  }
  const sign = facts.signs[code & SIGN];
  cell.className = `cb-cell cb-kind-${sign.kind}`;
  if (code & OVERTIME) cell.classList.add("cb-corner");
  if (code & UNSETTLED) cell.classList.add("cb-hatched");
  cell.textContent = sign.text;
  const extra = [code & OVERTIME && facts.words.overtime, code & UNSETTLED && facts.words.unsettled, code & CORRECTED && facts.words.corrected];
  cell.ariaLabel = [facts.days[day].date, sign.word, ...extra.filter(Boolean)].join(" ");
  return cell;
}

function rowOf(place) {
  const [person, name, number, unit, codes, totals] = rows[place];
  const row = document.createElement("tr");
  row.ariaRowIndex = String(place + 2);
  row.dataset.place = String(place);
  const head = document.createElement("th");
  head.scope = "row";
  head.role = "rowheader";
  head.tabIndex = -1;
  const link = document.createElement("a");
  link.href = `/people/${person}`;
  link.tabIndex = -1;
  link.textContent = name;
  const small = document.createElement("small");
  small.textContent = [number, unit].filter(Boolean).join(" · ");
  head.append(link, small);
  row.append(head, ...codes.map((code, day) => cellOf(code, person, day)));
  for (const total of totals) {
    const cell = document.createElement("td");
    cell.className = "n";
    cell.role = "gridcell";
    cell.textContent = total;
    row.append(cell);
  }
  return row;
}

function draw() {
  const first = Math.max(0, Math.floor(box.scrollTop / height) - SPARE);
  const last = Math.min(rows.length, Math.ceil((box.scrollTop + box.clientHeight) / height) + SPARE);
  for (const [place, row] of drawn) {
    if (place >= first && place < last) continue;
    if (row.contains(document.activeElement)) box.focus({ preventScroll: true }); // the next arrow leads back to the cell
    row.remove();
    drawn.delete(place);
  }
  let next = below;
  for (let place = last - 1; place >= first; place -= 1) {
    let row = drawn.get(place);
    if (!row) {
      row = rowOf(place);
      drawn.set(place, row);
      body.insertBefore(row, next);
    }
    next = row;
  }
  above.firstChild.style.height = `${first * height}px`;
  below.firstChild.style.height = `${(rows.length - last) * height}px`;
  table.ariaRowCount = String(rows.length + 1);
  const entry = drawn.get(at.row)?.cells[at.column];
  if (entry && !body.querySelector('[tabindex="0"]')) entry.tabIndex = 0;
}

function bringIntoView(cell) {
  const head = table.tHead.offsetHeight;
  const top = at.row * height;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + height > box.scrollTop + box.clientHeight - head) box.scrollTop = top + height + head - box.clientHeight;
  if (!cell) return;
  const fixed = cell.parentElement.cells[NAME].offsetWidth;
  if (at.column > NAME && cell.offsetLeft - fixed < box.scrollLeft) box.scrollLeft = cell.offsetLeft - fixed;
  else if (cell.offsetLeft + cell.offsetWidth > box.scrollLeft + box.clientWidth) box.scrollLeft = cell.offsetLeft + cell.offsetWidth - box.clientWidth;
}

function go(row, column) {
  if (!rows.length) return;
  at = { row: Math.max(0, Math.min(rows.length - 1, row)), column: Math.max(NAME, Math.min(facts.days.length, column)) };
  bringIntoView();
  draw();
  for (const one of body.querySelectorAll('[tabindex="0"]')) one.tabIndex = -1;
  const cell = drawn.get(at.row)?.cells[at.column];
  if (!cell) return;
  cell.tabIndex = 0;
  bringIntoView(cell);
  cell.focus({ preventScroll: true });
}

const dayOf = (cell) => cell.cellIndex - 1;
const isDay = (cell) => cell?.classList.contains("cb-cell");
const addressOf = (cell) => `/people/${rows[Number(cell.parentElement.dataset.place)][0]}/days/${facts.days[dayOf(cell)].date}`;

async function say(cell) {
  const [person, name] = rows[Number(cell.parentElement.dataset.place)];
  const key = `${person} ${facts.days[dayOf(cell)].date}`;
  const mine = (asking += 1);
  if (!told.has(key)) {
    says.textContent = `${name} ${cell.ariaLabel}`;
    if (cell.classList.contains("cb-kind-none")) return;
    await new Promise((later) => setTimeout(later, LATER_MS));
    if (mine !== asking) return;
    const answer = await fetch(`/api/v1/people/${person}/attendance/${facts.days[dayOf(cell)].date}?language=${document.documentElement.lang.slice(0, 2)}`).catch(() => null);
    if (!answer?.ok) return;
    told.set(key, (await answer.json()).says);
  }
  if (mine === asking) says.textContent = `${name} ${facts.days[dayOf(cell)].date}: ${told.get(key)}`;
}

box.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const page = Math.max(1, Math.floor(box.clientHeight / height) - 2);
  const steps = {
    ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageDown: [page, 0], PageUp: [-page, 0],
    Home: [0, -at.column], End: [0, facts.days.length],
  };
  if (event.key in steps) {
    event.preventDefault();
    const [down, right] = steps[event.key];
    go(at.row + down, at.column + right);
  } else if (event.key === "Enter" && event.target.closest("td, th") && !event.target.closest("a")) {
    const cell = event.target.closest("td, th");
    location.assign(isDay(cell) ? addressOf(cell) : cell.querySelector("a").href);
  }
});
body.addEventListener("click", (event) => {
  const cell = event.target.closest("td");
  if (isDay(cell)) location.assign(addressOf(cell));
});
body.addEventListener("focusin", (event) => {
  const cell = event.target.closest("td, th");
  if (!cell || cell.parentElement.dataset.place === undefined) return;
  at = { row: Number(cell.parentElement.dataset.place), column: cell.cellIndex };
  if (isDay(cell)) say(cell);
});
body.addEventListener("pointerover", (event) => {
  const cell = event.target.closest("td");
  if (isDay(cell)) say(cell);
});
let waits = false;
box.addEventListener("scroll", () => {
  if (waits) return;
  waits = true;
  requestAnimationFrame(() => {
    waits = false;
    draw();
  });
});
new ResizeObserver(draw).observe(box);

// The rest of the people comes in large pieces, behind what is already on the page.
async function fetchRest(address) {
  const count = document.getElementById("month-count");
  while (address) {
    const answer = await fetch(address).catch(() => null);
    if (!answer?.ok) {
      count.textContent = facts.words.broken;
      return;
    }
    const more = await answer.json();
    rows.push(...more.rows);
    address = more.next;
    count.textContent = facts.words.people.replace("{n}", String(rows.length)) + (address ? " …" : "");
    draw();
  }
  if (!rows.length) document.getElementById("month-empty").hidden = false;
}

draw();
const one = body.querySelector("tr[data-place]");
if (one) {
  height = one.offsetHeight;
  draw();
}
fetchRest(facts.next);
