// Shows a page of ours when there is no network, and help, which is the same for everybody. It
// keeps those and nothing that another page says; its name follows what help says.
const NAME = "encaisse-offline-{{ version }}";
const HELP = "/aide/";
const PAGES = ["/hors-ligne/", "/hors-ligne/?envoi", HELP];

async function keep() {
  const kept = await caches.open(NAME);
  const parts = new Set();
  for (const address of PAGES) {
    const page = await fetch(address, { cache: "reload", credentials: "omit" });
    const text = await page.clone().text();
    for (const found of text.matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)) parts.add(found[1]);
    await kept.put(address, page);
  }
  await kept.addAll([...parts]);
}

async function forgetOthers() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("encaisse-offline-") && name !== NAME);
  await Promise.all(old.map((name) => caches.delete(name)));
}

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(keep());
});

self.addEventListener("activate", (event) => event.waitUntil(forgetOthers()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  // What payers see is theirs: a browser says by itself that they have no network.
  if (origin !== self.location.origin || /^\/(?:[pq]|preuves)\//.test(pathname)) return;
  if (request.mode === "navigate") {
    const read = pathname === HELP ? HELP : PAGES[0];
    const page = request.method === "GET" ? read : PAGES[1];
    event.respondWith(fetch(request).catch(() => caches.match(page)));
  } else if (request.method === "GET" && pathname.startsWith("/static/")) {
    const shown = () => caches.match(request).then((found) => found ?? Response.error());
    event.respondWith(fetch(request).catch(shown));
  }
});
