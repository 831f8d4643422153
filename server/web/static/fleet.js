// The board of the fleet renews itself: only rows and tiles that are other than before are replaced, so nothing flickers and nobody loses their
// place. Arrow keys walk through the tiles.
const place = document.getElementById("fleet");
const ASK_AGAIN = 10_000;

const keyed = (root) => new Map([...root.querySelectorAll("[data-key]")].map((one) => [one.dataset.key, one]));

function merge(fresh) {
  const had = keyed(place), has = keyed(fresh);
  const same = had.size === has.size && [...has.keys()].every((key, number) => key === [...had.keys()][number]);
  if (!same) return replaceAll(fresh);
  for (const [key, one] of has) {
    const old = had.get(key);
    if (one.querySelector("[data-key]") || old.outerHTML === one.outerHTML) continue; // what is inside is looked at by itself
    keepingFocus(old, () => old.replaceWith(one));
  }
}

function replaceAll(fresh) {
  const [box, table] = [place.querySelector(".cb-tablebox"), place.querySelector("table")];
  const scrolled = box?.scrollTop ?? 0, look = table?.className;
  keepingFocus(place, () => place.replaceChildren(...fresh.childNodes));
  if (look && place.querySelector("table")) place.querySelector("table").className = look; // the columns that the reader chose
  if (box && place.querySelector(".cb-tablebox")) place.querySelector(".cb-tablebox").scrollTop = scrolled;
}

// Someone may stand on a link of what is replaced: the focus goes to the same link of the new one.
function keepingFocus(within, replace) {
  const focused = within.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  replace();
  if (focused) place.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  rove();
}

async function renew() {
  if (document.hidden) return;
  const answer = await fetch(place.dataset.renew, { redirect: "error" }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = document.createElement("div");
  const template = document.createElement("template");
  template.innerHTML = await answer.text();
  fresh.append(template.content);
  merge(fresh);
}

// One tile of each group is reached by Tab, the others by arrows: a thousand steps would help nobody.
function rove() {
  for (const tiles of place.querySelectorAll(".cb-tiles")) {
    const all = [...tiles.children];
    for (const [number, tile] of all.entries()) tile.tabIndex = tile === document.activeElement || (number === 0 && !all.includes(document.activeElement)) ? 0 : -1;
  }
}

const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 };
place.addEventListener("keydown", (event) => {
  const tile = event.target.closest(".cb-tile");
  if (!tile || !(event.key in STEPS) || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  event.stopPropagation();
  const all = [...place.querySelectorAll(".cb-tile")], step = STEPS[event.key], from = all.indexOf(tile);
  const own = tile.getBoundingClientRect();
  const inColumn = (one) => Math.abs(one.getBoundingClientRect().left - own.left) < own.width / 2 && one.getBoundingClientRect().top !== own.top;
  const upright = event.key === "ArrowUp" || event.key === "ArrowDown";
  const ahead = step > 0 ? all.slice(from + 1) : all.slice(0, from).reverse();
  (upright ? ahead.find(inColumn) : ahead[0])?.focus();
});
place.addEventListener("focusin", rove);

rove();
setInterval(renew, ASK_AGAIN);
document.addEventListener("visibilitychange", renew);
