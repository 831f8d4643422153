// Shows every few seconds how the edge is, hands files in, and says what somebody decided. Everything it shows was escaped by the edge.
const at = (id) => document.getElementById(id);
const OWN = { "X-Edge": "1" };
const LOOK_EVERY = 3000;

const post = (path, body) => fetch(path, { method: "POST", headers: OWN, body });

async function look() {
  const live = at("live");
  if (!live || document.hidden) return;
  try {
    const path = location.pathname === "/" ? "/live" : `${location.pathname}/live`;
    const answer = await fetch(path);
    if (answer.status === 401 || answer.status === 404) { location.reload(); return; }
    const html = await answer.text();
    const typing = live.contains(document.activeElement) && document.activeElement.matches("a, button");
    if (!typing && html !== live.dataset.shown) { live.innerHTML = html; live.dataset.shown = html; }
    at("lost").hidden = true;
  } catch {
    at("lost").hidden = false;
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-post]");
  if (!button) return;
  button.disabled = true;
  const answer = await post(button.dataset.post);
  button.blur();
  if (answer.ok && button.dataset.post.endsWith("/drop")) location.assign("/");
  else await look();
});

at("sign-out")?.addEventListener("click", async () => {
  await post("/sign-out");
  location.assign("/");
});

at("sign-in")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await post("/sign-in", at("password").value);
  if (answer.ok) { location.reload(); return; }
  at("told").textContent = answer.status === 429 ? event.target.dataset.often : event.target.dataset.wrong;
  at("password").select();
});

const other = () => { at("serial").hidden = at("terminal").value !== ""; };
at("terminal")?.addEventListener("change", other);
if (at("terminal")) other();

at("upload")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target, file = at("file").files[0], listed = at("terminal").value;
  const terminal = listed || at("serial").value.trim();
  if (!file || !terminal) { at("serial").focus(); return; }
  at("told").textContent = form.dataset.uploading;
  const asked = new URLSearchParams({ name: file.name, terminal, ...(listed ? {} : { new: "1" }) });
  try {
    const answer = await post(`/files?${asked}`, file);
    if (answer.ok) { location.assign(`/files/${(await answer.json()).id}`); return; }
    at("told").textContent = { 413: form.dataset.tooLarge, 507: form.dataset.noRoom }[answer.status] ?? form.dataset.uploadFailed;
  } catch {
    at("told").textContent = form.dataset.uploadFailed;
  }
});

if (document.body.dataset.live) setInterval(look, LOOK_EVERY);
