// The live board: rows come by server-sent events. Each connection begins with all rows, so a break loses nothing.
const board = document.getElementById("board");
const sites = document.getElementById("sites");
const line = document.getElementById("line");
const nothing = document.getElementById("nothing");
const SHOWN = 50;

function say(on) {
  line.textContent = on ? line.dataset.on : line.dataset.off;
  line.className = `cb-state ${on ? "cb-ok" : "cb-wrong"}`;
}

function rowsOf(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return [...template.content.querySelectorAll("tr")];
}

function listen() {
  const events = new EventSource(board.dataset.events);
  events.addEventListener("rows", (event) => {
    say(true);
    board.replaceChildren(...rowsOf(event.data));
    nothing.hidden = board.rows.length > 0;
  });
  events.addEventListener("punches", (event) => {
    const shown = new Set([...board.rows].map((row) => row.dataset.id));
    const rows = rowsOf(event.data).filter((row) => !shown.has(row.dataset.id));
    for (const row of rows) row.classList.add("cb-new");
    board.prepend(...rows);
    while (board.rows.length > SHOWN) board.rows[board.rows.length - 1].remove();
    nothing.hidden = true;
  });
  events.addEventListener("sites", (event) => { sites.innerHTML = event.data; });
  events.addEventListener("error", () => {
    say(false);
    if (events.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    setTimeout(listen, 2000);
  });
}

listen();
