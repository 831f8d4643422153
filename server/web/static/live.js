// Parts of a page that come from an address of their own: at once, and again while the part says so (`data-again`, seconds).
// What somebody is typing or has opened is never replaced. A link or a form in a part that is marked `data-part` changes what the part
// shows, and leaves the rest of the page alone; a link's `href` is where the same stands as a page.
const parts = [...document.querySelectorAll("[data-live]")];

function busy(place) {
  return Boolean(place.querySelector("details[open]")) || Boolean(place.querySelector("input:focus, select:focus, textarea:focus"));
}

async function ask(address) {
  const answer = await fetch(address, { headers: { accept: "text/html" } }).catch(() => null);
  return answer?.ok ? answer.text() : null;
}

async function look(place) {
  if (!document.hidden && !busy(place)) {
    const address = place.dataset.live;
    const told = await ask(address);
    if (told !== null && address === place.dataset.live && !busy(place) && told !== place.told) {
      place.told = told;
      place.innerHTML = told;
    }
  }
  const again = Number(place.querySelector("[data-again]")?.dataset.again);
  if (again) setTimeout(() => look(place), again * 1000);
}

// Focus stays where it was, or goes to the part's first line where that is gone. What was asked for last is shown, whichever answer comes last.
async function turn(place, address) {
  place.asked = address;
  const told = await ask(address);
  if (told === null || place.asked !== address) return;
  const held = document.activeElement?.id;
  place.dataset.live = address;
  place.told = told;
  place.innerHTML = told;
  const next = (held && document.getElementById(held)) || place.querySelector("h2");
  if (!next) return;
  if (next.tagName === "H2") next.tabIndex = -1;
  next.focus({ preventScroll: true });
}

for (const place of parts) {
  look(place);
  place.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-part]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    turn(place, link.dataset.part);
  });
  place.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-part]")) return;
    event.preventDefault();
    turn(place, `${event.target.getAttribute("action")}?${new URLSearchParams(new FormData(event.target))}`);
  });
}
