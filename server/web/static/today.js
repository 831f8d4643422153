// Today renews itself; where somebody stands in it they stay, and nothing is replaced that is the same.
const place = document.getElementById("today");
const ASK_AGAIN = 10_000;

async function renew() {
  if (document.hidden) return;
  const answer = await fetch(place.dataset.again, { redirect: "error" }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = document.createElement("div");
  const template = document.createElement("template");
  template.innerHTML = await answer.text();
  fresh.append(template.content);
  if (fresh.innerHTML.trim() === place.innerHTML.trim()) return;
  const focused = place.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  const scrolled = [...place.querySelectorAll(".cb-tablebox")].map((box) => box.scrollTop);
  place.replaceChildren(...fresh.childNodes);
  for (const [number, box] of [...place.querySelectorAll(".cb-tablebox")].entries()) box.scrollTop = scrolled[number] ?? 0;
  if (focused) place.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

setInterval(renew, ASK_AGAIN);
document.addEventListener("visibilitychange", renew);
