// Sends what is edited, one edit after the other, and keeps what could not be sent until it can: also over a reload.
//
// An edit is {key, cells: [[person, date, to, was], ...]}. The server takes a key once, so that sending again is harmless, and refuses an
// edit whose `was` is no longer true.
const DELAYS = [1_000, 2_000, 5_000, 10_000, 30_000];

export class Saver extends EventTarget {
  /** account: a name under which this browser keeps unsent edits. Each tab has a place of its own and takes over what others left. */
  constructor(account) {
    super();
    this.place = `${account}-${tabOf()}`;
    this.queue = takeOver(account);
    this.takenBack = []; // unsent edits that were undone before they left
    this.sending = false;
    this.failures = 0;
    addEventListener("online", () => this.run());
    this.#keep();
  }

  /** Once everything that can be sent is sent; at once where the line is down. */
  settled() {
    if (!this.queue.length || this.failures) return Promise.resolve();
    return new Promise((resolve) => {
      const look = () => {
        if (this.queue.length && !this.failures) return;
        this.removeEventListener("state", look);
        resolve();
      };
      this.addEventListener("state", look);
    });
  }

  get unsent() {
    return this.queue.filter((one) => one.cells);
  }

  edit(cells) {
    this.takenBack = [];
    this.#add({ key: newKey(), cells });
  }

  /** Take the last step back: an unsent edit is dropped here (its cells come back), everything else is the server's to undo. */
  undo() {
    const last = this.queue.at(-1);
    if (last?.cells && !(this.sending && this.queue.length === 1)) {
      this.takenBack.push(this.queue.pop());
      this.#keep();
      return last.cells.map(([person, date, , was]) => [person, date, was]);
    }
    this.#add({ ask: "undo" });
    return [];
  }

  redo() {
    const edit = this.takenBack.pop();
    if (edit) {
      this.#add({ ...edit, key: newKey() });
      return edit.cells;
    }
    this.#add({ ask: "redo" });
    return [];
  }

  #add(one) {
    this.queue.push(one);
    this.#keep();
    this.run();
  }

  async run() {
    if (this.sending || !this.queue.length) return this.#tell();
    this.sending = true;
    clearTimeout(this.timer);
    this.#tell();
    const one = this.queue[0];
    const answer = await send(one);
    this.sending = false;
    if (answer.again) {
      this.timer = setTimeout(() => this.run(), DELAYS[Math.min(this.failures, DELAYS.length - 1)]);
      this.failures += 1;
      this.#tell();
      return;
    }
    this.failures = 0;
    if (answer.signIn) {
      this.dispatchEvent(new CustomEvent("state", { detail: { kind: "signed-out", unsent: this.unsent.length } }));
      return;
    }
    this.queue.shift();
    this.#keep();
    const kind = answer.refused ? "refused" : "done";
    this.dispatchEvent(new CustomEvent(kind, { detail: { ...answer, of: one } }));
    this.run();
  }

  #tell() {
    const kind = this.failures ? "waiting" : this.queue.length ? "sending" : "saved";
    this.dispatchEvent(new CustomEvent("state", { detail: { kind, unsent: this.unsent.length } }));
  }

  #keep() {
    try {
      localStorage.setItem(this.place, JSON.stringify(this.unsent));
    } catch {
      // a browser that keeps nothing: the page itself still holds the edits
    }
  }
}

// Two tabs may send the same edit: its key makes that harmless.
function takeOver(account) {
  const found = new Map();
  try {
    for (const place of Object.keys(localStorage).filter((name) => name.startsWith(`${account}-`))) {
      for (const edit of JSON.parse(localStorage.getItem(place))) found.set(edit.key, edit);
      localStorage.removeItem(place);
    }
  } catch {
    // nothing is kept, or it is not ours
  }
  return [...found.values()];
}

function tabOf() {
  try {
    const there = sessionStorage.getItem("roster-tab") ?? newKey();
    sessionStorage.setItem("roster-tab", there);
    return there;
  } catch {
    return "tab";
  }
}

function newKey() {
  // not randomUUID: that is missing where a server is reached without TLS
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function send(one) {
  const address = `/api/v1/roster/${one.ask ?? "edits"}`;
  const body = one.ask ? "{}" : JSON.stringify(one);
  let answer;
  try {
    answer = await fetch(address, { method: "POST", headers: { "content-type": "application/json" }, body });
  } catch {
    return { again: true };
  }
  if (answer.status === 401) return { signIn: true };
  if (answer.status >= 500) return { again: true };
  const said = await answer.json().catch(() => ({}));
  return answer.ok ? said : { refused: true, ...said };
}
