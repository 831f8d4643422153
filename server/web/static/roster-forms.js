// Forms of shifts and patterns: what is typed is drawn beside it, a moment after the last key. Without this script the server draws it
// when the form is sent.
const form = document.querySelector("form[data-preview]");
const preview = document.getElementById("preview");
let waiting;
let latest = 0;

async function draw() {
  const number = ++latest;
  try {
    const answer = await fetch(form.dataset.preview, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const text = await answer.text();
    if (number === latest && answer.ok) preview.innerHTML = text; // made by our own server, escaped there
  } catch {
    // the network is away: what is typed stays, and the next key tries again
  }
}

// One empty line always waits at the end of repeated lines: the next appears when it is written in.
function grow(event) {
  const line = event.target.closest("[data-repeat]");
  if (!line || line.nextElementSibling?.matches("[data-repeat]")) return;
  const next = Number(line.dataset.repeat) + 1;
  if (next >= Number(line.dataset.most)) return;
  const copy = line.cloneNode(true);
  copy.dataset.repeat = String(next);
  for (const field of copy.querySelectorAll("[name]")) {
    field.name = field.name.replace(`${line.dataset.path}.${next - 1}.`, `${line.dataset.path}.${next}.`);
    if (field.matches("select")) field.selectedIndex = 0;
    else field.value = "";
    field.classList.remove("is-invalid");
  }
  line.after(copy);
}

// A longer cycle gets more days, a shorter one loses its last ones.
function lengthen(event) {
  if (event.target.name !== "length") return;
  const list = form.querySelector("[data-days]");
  const wanted = Math.max(1, Math.min(366, Number(event.target.value) || 0));
  while (list.children.length > wanted) list.lastElementChild.remove();
  while (list.children.length < wanted) {
    const copy = list.firstElementChild.cloneNode(true);
    const number = list.children.length;
    copy.querySelector("span").textContent = list.firstElementChild.querySelector("span").textContent.replace("1", String(number + 1));
    const choice = copy.querySelector("select");
    choice.name = `days.${number}`;
    choice.selectedIndex = 0;
    list.append(copy);
  }
}

if (form && preview) {
  form.addEventListener("input", (event) => {
    grow(event);
    lengthen(event);
    clearTimeout(waiting);
    waiting = setTimeout(draw, 250);
  });
  draw();
}
