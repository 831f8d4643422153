// On a phone: the service worker, what to say without a connection, and once the hint how to get to the home screen.
const bar = document.querySelector(".cb-bar");
const installed = matchMedia("(display-mode: standalone)").matches;

// On a shared phone the next person need not know what the last one looked at.
if (!bar && location.pathname.startsWith("/sign-in")) localStorage.removeItem("phone.seen");

if (bar && (installed || matchMedia("(max-width: 700px)").matches)) {
  remember();
  if ("serviceWorker" in navigator) keepOfflinePage();
  document.addEventListener("submit", holdBack, true);
  hint();
}

// The place's name and the time, for the offline page; never an address or anybody's name.
function remember() {
  const place = bar.querySelector("[aria-current]");
  if (place) localStorage.setItem("phone.seen", JSON.stringify({ place: place.textContent, at: Date.now() }));
}

async function keepOfflinePage() {
  try {
    await navigator.serviceWorker.register("/service-worker.js", { scope: "/" });
    await navigator.serviceWorker.ready;
    const language = document.documentElement.lang;
    if (localStorage.getItem("phone.language") === language) return;
    await (await caches.open("offline-page")).add("/offline");
    localStorage.setItem("phone.language", language);
  } catch {
    // private windows and full phones have none: the pages work without
  }
}

// What was typed would be lost with the page: without a connection nothing is sent, and the form stays. One with words for what it
// keeps sends by itself later.
function holdBack(event) {
  if (navigator.onLine || event.target.dataset.kept) return;
  event.preventDefault();
  event.stopPropagation();
  const form = event.target;
  const told = form.querySelector(".cb-held") ?? form.appendChild(document.createElement("p"));
  told.className = "cb-note cb-wrong cb-held";
  told.setAttribute("role", "alert");
  told.textContent = bar.dataset.held;
}

function hint() {
  const note = document.getElementById("home-hint");
  if (!note || installed || localStorage.getItem("phone.hint")) return;
  const [add, close] = note.querySelectorAll("button");
  note.hidden = false;
  localStorage.setItem("phone.hint", "seen");
  close.addEventListener("click", () => note.remove());
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    add.hidden = false;
    add.addEventListener("click", () => {
      event.prompt();
      note.remove();
    });
  });
}
