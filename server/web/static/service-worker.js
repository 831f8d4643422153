// Keeps static files and the page for when there is no connection; nothing that is about people ever goes into the cache.
// The line before this one, VERSION, is the server's: it changes when a static file does.
const FILES = `static-${VERSION}`;
const OFFLINE = "offline-page";
const FIRST = [
  "/static/vendor/tabler/core/dist/css/tabler.min.css",
  "/static/clockbridge.css",
  "/static/page.js",
  "/static/phone.js",
  "/static/offline.js",
  "/static/icon.svg",
];

self.addEventListener("install", (event) => {
  event.waitUntil(
    Promise.all([
      caches.open(FILES).then((files) => files.addAll(FIRST)),
      caches.open(OFFLINE).then((pages) => pages.add("/offline")),
    ]).then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  const old = (names) => names.filter((name) => name !== FILES && name !== OFFLINE);
  event.waitUntil(caches.keys().then((names) => Promise.all(old(names).map((name) => caches.delete(name)))));
});

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (address.origin !== location.origin) return;
  if (event.request.mode === "navigate") event.respondWith(fetch(event.request).catch(() => offlinePage()));
  else if (event.request.method === "GET" && address.pathname.startsWith("/static/")) event.respondWith(kept(event.request));
});

async function offlinePage() {
  return (await caches.match("/offline", { cacheName: OFFLINE })) ?? Response.error();
}

async function kept(request) {
  const files = await caches.open(FILES);
  const found = await files.match(request);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.status === 200) await files.put(request, answer.clone());
  return answer;
}
