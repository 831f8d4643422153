// The form of a request: what stands in the way is said while somebody types; what was typed outlives a lost connection and is sent when
// the connection is back. The same key goes with every try, so that the server makes one request of them.
const PENDING = "requests.pending";
const RETRY_MS = 15_000;

function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "null");
  } catch {
    return null;
  }
}
function write(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // a private window may keep nothing: then the form is an ordinary one
  }
}

const typed = (form) => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "draft");
const placeOf = (form) => `requests.${form.dataset.owner}.${form.getAttribute("action")}`;

// Sends what waits of this account; others who use the same phone send theirs.
async function sendPending(owner) {
  const kept = read(PENDING) ?? [];
  const left = [];
  for (const one of kept) {
    if (one.owner !== owner) left.push(one);
    else {
      const data = new FormData();
      for (const [name, value] of one.fields) data.append(name, value);
      try {
        const answer = await fetch(one.action, { method: "POST", body: data });
        if (answer.status >= 500) left.push(one);
        else if (answer.ok && !answer.url.includes("/sign-in")) write(one.place, null);
        else if (answer.url.includes("/sign-in")) left.push(one);
        else write(one.place, one.fields);
      } catch {
        left.push(one);
      }
    }
  }
  write(PENDING, left.length ? left : null);
  return kept.length - left.length;
}

function begin(form) {
  const judged = form.querySelector("[data-judged]");
  const note = form.querySelector("[data-kept-note]");
  const place = placeOf(form);
  let waiting;
  let asked;

  const show = () => {
    const chosen = form.querySelector('[name="stretch"]:checked')?.value;
    for (const one of form.querySelectorAll("[data-stretch]")) {
      one.hidden = (one.dataset.stretch === "by-the-clock") !== (chosen === "by-the-clock");
      for (const input of one.querySelectorAll("input")) input.required = !one.hidden && input.name !== "last_day";
    }
    const at = form.querySelector("[data-at]");
    if (at) at.hidden = form.querySelector('[name="cause"]:checked')?.value === "terminal-fault";
  };

  const look = async () => {
    asked?.abort();
    asked = new AbortController();
    const data = new FormData();
    for (const [name, value] of typed(form)) data.append(name, value);
    data.append("files", String([...(form.elements.attachment?.files ?? [])].length));
    try {
      const answer = await fetch(form.dataset.check, { method: "POST", body: data, signal: asked.signal });
      if (!answer.ok) return;
      judged.innerHTML = await answer.text();
      const late = form.querySelector("[data-late]");
      if (judged.querySelector('[data-code^="closed"]')) late.hidden = false;
    } catch (error) {
      if (error.name !== "AbortError" && !(error instanceof TypeError)) throw error;
    }
  };

  form.addEventListener("input", () => {
    write(place, typed(form));
    clearTimeout(waiting);
    waiting = setTimeout(look, 150);
  });
  form.addEventListener("change", show);
  for (const button of form.querySelectorAll("[data-reason]")) {
    button.addEventListener("click", () => {
      form.elements.reason.value = button.dataset.reason;
      form.elements.reason.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
  const first = form.elements.first_day;
  first?.addEventListener("change", () => {
    const last = form.elements.last_day;
    last.min = first.value;
    if (!last.value || last.value < first.value) last.value = first.value;
    look();
  });
  form.elements.work_date?.addEventListener("change", () => {
    const at = form.elements.at;
    if (at.value && form.elements.work_date.value) at.value = `${form.elements.work_date.value}T${at.value.slice(11)}`;
    look();
  });

  form.addEventListener("submit", async (event) => {
    const large = [...(form.elements.attachment?.files ?? [])].find((file) => file.size > Number(form.dataset.mostBytes));
    event.preventDefault();
    if (large) {
      note.textContent = form.dataset.large.replace("{file}", large.name);
      note.hidden = false;
      return;
    }
    const buttons = [...form.querySelectorAll("button[type=submit]")];
    for (const one of buttons) one.disabled = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form, event.submitter) });
      if (answer.ok) {
        write(place, null);
        location.assign(answer.url);
        return;
      }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const again = page.querySelector("form[data-request]");
      document.querySelector("#main").replaceChildren(...page.querySelector("#main").childNodes);
      if (again) begin(document.querySelector("form[data-request]"));
      document.querySelector("[role=alert]")?.scrollIntoView({ block: "center" });
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      // no connection: a draft is kept as what it is, anything else waits for the line
      const fields = [...typed(form), ...(event.submitter?.name === "draft" ? [["draft", "1"]] : [])];
      const others = (read(PENDING) ?? []).filter((one) => one.place !== place);
      write(PENDING, [...others, { owner: form.dataset.owner, action: form.getAttribute("action"), place, fields }]);
      note.textContent = form.dataset.kept;
      note.hidden = false;
      for (const one of buttons) one.disabled = false;
    }
  });

  const kept = read(place);
  const fresh = !location.search && !form.querySelector('[name="held"]') && !document.querySelector("#main [role=alert]");
  if (kept && fresh) {
    for (const [name, value] of kept) {
      const field = form.elements[name];
      if (!field) continue;
      if (field instanceof RadioNodeList || ["radio", "checkbox"].includes(field.type)) {
        for (const one of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) one.checked = one.value === value;
      } else field.value = value;
    }
    note.textContent = form.dataset.found;
    note.hidden = false;
  }
  show();
  if ([...form.elements].some((one) => ["date", "datetime-local"].includes(one.type) && one.value) && !judged.children.length) look();
}

const form = document.querySelector("form[data-request]");
if (form) begin(form);
const list = document.querySelector("[data-pending]");
const owner = form?.dataset.owner ?? list?.dataset.pending;

async function flush() {
  if (!owner || !(read(PENDING) ?? []).some((one) => one.owner === owner)) return;
  const sent = await sendPending(owner);
  const left = (read(PENDING) ?? []).filter((one) => one.owner === owner).length;
  if (list) {
    list.hidden = left === 0;
    list.textContent = list.dataset.words.replace("{n}", String(left));
  }
  if (sent > 0) location.assign(new URL(document.querySelector('a[href="/me/requests"], a[href="/requests"]')?.href ?? "/me/requests", location.href));
}
window.addEventListener("online", flush);
setInterval(flush, RETRY_MS);
flush();
