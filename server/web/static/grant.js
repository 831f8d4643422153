// The form of a grant shows the fields of the chosen length only; without this script all of them stand there and the server reads the right ones.
const spans = document.querySelectorAll('input[name="span"]');
const fields = document.querySelectorAll("[data-span]");

function show() {
  const chosen = document.querySelector('input[name="span"]:checked')?.value;
  if (!chosen) return;
  for (const one of fields) {
    one.hidden = (one.dataset.span === "by-the-clock") !== (chosen === "by-the-clock");
    for (const input of one.querySelectorAll("input")) input.required = !one.hidden && input.name !== "last_day";
  }
}

for (const one of spans) one.addEventListener("change", show);
show();
const first = document.querySelector('[name="first_day"]');
const last = document.querySelector('[name="last_day"]');
first?.addEventListener("change", () => {
  last.min = first.value;
  if (!last.value || last.value < first.value) last.value = first.value;
});
