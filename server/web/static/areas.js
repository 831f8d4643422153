// Areas: figures that move while people are brought to terminals, and one more line in the form of an area.
const SECONDS = 3;
const live = document.getElementById("live");

async function renew() {
  if (!document.hidden) {
    const answer = await fetch(live.dataset.renew, { redirect: "error" }).catch(() => null);
    if (answer?.ok) {
      const text = await answer.text();
      const focused = live.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      if (text !== live.dataset.had) {
        const template = document.createElement("template");
        template.innerHTML = text;
        live.replaceChildren(template.content);
        live.dataset.had = text;
        if (focused) live.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
      }
    }
  }
  setTimeout(renew, SECONDS * 1000);
}
if (live) setTimeout(renew, SECONDS * 1000);

const more = document.getElementById("more");
if (more) {
  more.hidden = false;
  more.addEventListener("click", () => {
    const lines = document.getElementById("lines");
    const fresh = lines.lastElementChild.cloneNode(true);
    for (const field of fresh.querySelectorAll("select, input")) field.value = "";
    lines.append(fresh);
    fresh.querySelector("select").focus();
  });
}
