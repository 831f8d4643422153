// The editor of rules: what it says follows what is typed. Without this script the button beside it does the same.
const form = document.querySelector("form[data-preview]");
const seen = form?.querySelector("[data-seen]");
let waiting;
let asked;

async function look() {
  asked?.abort();
  asked = new AbortController();
  try {
    const answer = await fetch(form.dataset.preview, { method: "POST", body: new FormData(form), signal: asked.signal });
    if (!answer.ok) return;
    const open = [...seen.querySelectorAll("details")].map((one) => one.open);
    seen.innerHTML = await answer.text();
    seen.querySelectorAll("details").forEach((one, place) => { one.open = open[place] ?? false; });
  } catch {
    // asked anew, or the network is away: what is typed stays, and the next key tries again
  }
}

form?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(look, 300);
});

// Fields of a part that is off are put away: a rounding, the breaks, lunch.
function putAway() {
  for (const one of form.querySelectorAll('[id$=".mode"], [id$=".on"]')) {
    const part = one.id.slice(0, one.id.lastIndexOf(".") + 1);
    const off = one.type === "checkbox" ? !one.checked : ["", "none"].includes(one.value);
    for (const field of form.querySelectorAll(`[data-field^="${part}"]`)) field.hidden = off && field.dataset.field !== one.id;
  }
}
form?.addEventListener("change", putAway);
if (form) putAway();

// A link to a field opens the group that holds it.
seen?.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  if (!link) return;
  const field = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  field?.closest("details")?.setAttribute("open", "");
  field?.focus();
});

// The number is asked for when one person is meant.
const subjects = document.querySelector("form[data-subjects]");
const follow = () => { subjects.querySelector("[data-person]").hidden = subjects.elements.subject.value !== "person"; };
subjects?.addEventListener("change", follow);
if (subjects) follow();
