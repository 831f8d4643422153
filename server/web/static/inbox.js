// The inbox by keyboard: j and k (or arrows) walk, x chooses, Enter opens, r goes to the reason, Escape back to the list.
const form = document.getElementById("inbox");
const rows = form ? [...form.querySelectorAll("tbody tr")] : [];
const boxes = form ? [...form.querySelectorAll('input[name="ids"]')] : [];
const all = document.getElementById("all");
const count = document.getElementById("chosen-count");
const buttons = form ? [...form.querySelectorAll(".cb-doing button")] : [];
let last = null;

function tell() {
  const chosen = boxes.filter((box) => box.checked).length;
  for (const box of boxes) box.closest("tr").classList.toggle("cb-picked", box.checked);
  for (const button of buttons) button.disabled = chosen === 0;
  if (count) count.textContent = count.dataset.words.replace("{n}", String(chosen));
  if (all) {
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
}

all?.addEventListener("change", () => {
  for (const box of boxes) box.checked = all.checked;
  tell();
});
for (const box of boxes) {
  box.addEventListener("click", (event) => {
    if (event.shiftKey && last !== null) {
      const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((one, other) => one - other);
      for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
    }
    last = box;
    tell();
  });
}

function walk(step) {
  const here = rows.indexOf(document.activeElement.closest("tr"));
  const next = Math.max(0, Math.min(rows.length - 1, here + step));
  rows[next]?.querySelector("th a")?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "Escape" && event.target.name === "reason") return walk(1);
  if (event.target.closest("input:not([type=checkbox]), select, textarea")) return;
  if (event.key === "j") walk(1);
  else if (event.key === "k") walk(-1);
  else if (event.key === "x") {
    const box = event.target.closest("tr")?.querySelector('input[name="ids"]');
    if (!box) return;
    box.checked = !box.checked;
    last = box;
    tell();
  } else if (event.key === "r") {
    event.preventDefault();
    form?.elements.namedItem("reason")?.focus();
  }
});
tell();
