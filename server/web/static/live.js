// Parts of a page that come from an address of their own: at once, and again while the part says so (`data-again`, seconds).
// What somebody is typing or has opened is never replaced.
const parts = [...document.querySelectorAll("[data-live]")];

function busy(place) {
  return Boolean(place.querySelector("details[open]")) || Boolean(place.querySelector("input:focus, select:focus, textarea:focus"));
}

async function look(place) {
  if (!document.hidden && !busy(place)) {
    const answer = await fetch(place.dataset.live, { headers: { accept: "text/html" } }).catch(() => null);
    const told = answer?.ok ? await answer.text() : null;
    if (told !== null && !busy(place) && told !== place.told) {
      place.told = told;
      place.innerHTML = told;
    }
  }
  const again = Number(place.querySelector("[data-again]")?.dataset.again);
  if (again) setTimeout(() => look(place), again * 1000);
}

for (const place of parts) look(place);
