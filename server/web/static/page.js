// What every page has: the menu on a phone, help, `/` to search, arrow keys and Enter in tables.
const menu = document.querySelector(".cb-menu");
menu?.addEventListener("click", () => {
  const open = document.getElementById("places").classList.toggle("cb-open");
  menu.setAttribute("aria-expanded", String(open));
});

const help = document.getElementById("help");
for (const button of document.querySelectorAll(".cb-help")) button.addEventListener("click", () => help.showModal());
help?.addEventListener("click", (event) => { if (event.target === help) help.close(); }); // beside it

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea, [contenteditable]");
  if (event.key === "?" && !typing && help && !help.open) help.showModal();
  if (event.key === "/" && !typing) {
    const search = document.querySelector("[data-search]");
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  }
  if (typing || event.altKey || event.ctrlKey || event.metaKey || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const rows = [...document.querySelectorAll("table.cb tbody tr[data-href]")];
  if (!rows.length) return;
  event.preventDefault();
  // The focus goes to the row's own link: Enter opens it as it opens any link, and a screen reader says which it is.
  const place = rows.indexOf(event.target.closest("tr"));
  const next = Math.max(0, Math.min(rows.length - 1, place + (event.key === "ArrowDown" ? 1 : -1)));
  (rows[next].querySelector("th[scope=row] a") ?? rows[next].querySelector("a"))?.focus();
});
