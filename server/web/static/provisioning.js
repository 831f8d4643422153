// The page that shows a token: copies the line, and goes on by itself when the box has come.
const SECONDS = 3;
const copy = document.querySelector("[data-copies]");
copy?.addEventListener("click", async () => {
  await navigator.clipboard.writeText(document.getElementById(copy.dataset.copies).textContent);
  copy.textContent = copy.dataset.done;
});
if (copy && !navigator.clipboard) copy.remove(); // plain HTTP: the browser offers none

const waiting = document.querySelector("[data-waits-for]");
async function look() {
  const answer = await fetch(`/api/v1/edges/${waiting.dataset.waitsFor}/certificates`, { headers: { accept: "application/json" } }).catch(() => null);
  const [newest] = answer?.ok ? await answer.json() : [];
  if (newest && newest.serial !== waiting.dataset.before) location.assign(`/edges/${waiting.dataset.waitsFor}/identity`);
  else setTimeout(look, SECONDS * 1000);
}
if (waiting) setTimeout(look, SECONDS * 1000);
