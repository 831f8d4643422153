// What every page has: the menu on a phone, `/` to search, arrow keys and Enter in tables.
const menu = document.querySelector(".cb-menu");
menu?.addEventListener("click", () => {
  const open = document.getElementById("places").classList.toggle("cb-open");
  menu.setAttribute("aria-expanded", String(open));
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea, [contenteditable]");
  if (event.key === "/" && !typing) {
    const search = document.querySelector("[data-search]");
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  }
  if (typing || !["ArrowDown", "ArrowUp", "Enter"].includes(event.key)) return;
  const rows = [...document.querySelectorAll("table.cb tbody tr[data-href]")];
  if (!rows.length) return;
  const place = rows.findIndex((row) => row.classList.contains("cb-on"));
  if (event.key === "Enter") {
    if (place >= 0 && !event.target.closest("a, button")) location.href = rows[place].dataset.href;
    return;
  }
  event.preventDefault();
  const next = Math.max(0, Math.min(rows.length - 1, place + (event.key === "ArrowDown" ? 1 : -1)));
  rows[place]?.classList.remove("cb-on");
  rows[next].classList.add("cb-on");
  rows[next].scrollIntoView({ block: "nearest" });
});
