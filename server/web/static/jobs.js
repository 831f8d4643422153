// Long work that has not ended: its numbers move in place, and the page is loaded anew when one has ended, to show what came of it.
const SECONDS = 1;
const waiting = [...document.querySelectorAll("[data-job]")];

async function look(place) {
  const answer = await fetch(`/api/v1/jobs/${place.dataset.job}`, { headers: { accept: "application/json" } });
  if (!answer.ok) return false;
  const job = await answer.json();
  const bar = place.querySelector("progress");
  if (bar && job.total) {
    bar.max = job.total;
    bar.value = job.done;
  }
  const told = place.querySelector("[data-told]");
  const words = told?.dataset.words.replace("{done}", job.done).replace("{total}", job.total || "…");
  if (told && told.textContent !== words) told.textContent = words;
  const step = place.querySelector("[data-step]");
  const at = job.step ? ` · ${job.step}` : "";
  if (step && step.textContent !== at) step.textContent = at;
  return !["waiting", "running"].includes(job.state);
}

async function lookAtAll() {
  const ended = await Promise.all(waiting.map((place) => look(place).catch(() => false)));
  const typing = document.activeElement?.closest("input, select, textarea");
  if (ended.some(Boolean) && !typing) location.reload();
  else setTimeout(lookAtAll, SECONDS * 1000);
}

if (waiting.length) setTimeout(lookAtAll, SECONDS * 1000);
