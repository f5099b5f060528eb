// Small comforts. Every page works without them.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select");
  const search = document.querySelector("[data-search]");
  const isAsked = (event.key === "/" && !typing) || (event.key === "k" && (event.ctrlKey || event.metaKey));
  if (isAsked && search) {
    event.preventDefault();
    search.focus();
    search.select();
  }
  if (event.key === "Escape") {
    document.querySelectorAll("details.menu[open]").forEach((menu) => menu.removeAttribute("open"));
  }
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    button.textContent = "Copié";
  }
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.removeAttribute("open");
  });
});

// A double click must not send a form twice; the page says that it works.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  form.setAttribute("aria-busy", "true");
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  });
});

document.querySelectorAll("[data-print]").forEach((button) => {
  button.removeAttribute("hidden");
  button.addEventListener("click", () => window.print());
});

const tabs = document.querySelector(".tabs");
const tab = tabs?.querySelector("[aria-current]");
if (tab) tabs.scrollLeft = tab.offsetLeft - tabs.offsetLeft - 16;

document.querySelectorAll("[data-copy]").forEach((button) => button.removeAttribute("hidden"));

// Under the search field, the arrows go through what was found and Escape closes it.
document.querySelectorAll("[data-palette]").forEach((palette) => {
  const field = palette.querySelector("[data-search]");
  const close = () => palette.querySelector(".palette").replaceChildren();
  palette.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      close();
      field.focus();
      return;
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    const stops = [field, ...palette.querySelectorAll(".hit")];
    const step = event.key === "ArrowDown" ? 1 : -1;
    stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length].focus();
  });
  document.addEventListener("click", (event) => {
    if (!palette.contains(event.target)) close();
  });
});

// Without a network, members read what is safe; nobody else is given a worker.
const isMember = document.querySelector(".shell") !== null;
if (isMember && "serviceWorker" in navigator) navigator.serviceWorker.register("/app-worker.js");

// Four totals and the firm's name, kept on this device for a firm only when asked there, and until
// somebody signs out of it or leaves that firm.
const FIGURES = "encaisse-figures";
const SEEN = "/hors-ligne/chiffres/";
const keeper = document.querySelector("[data-keep-figures]");
const seenHere = keeper && `${SEEN}${keeper.dataset.firm}`;

function figuresShown() {
  return [...document.querySelectorAll("[data-kept] .fig")].map((fig) => [
    fig.querySelector("span").textContent.trim(),
    fig.querySelector("strong").textContent.trim(),
  ]);
}

async function keepFigures() {
  const { kept: of } = document.querySelector("[data-kept]").dataset;
  const firm = keeper.dataset.firmName;
  const told = JSON.stringify({ firm, of, figures: figuresShown() });
  await (await caches.open(FIGURES)).put(seenHere, new Response(told));
}

// What an earlier version kept without saying for whom goes too.
async function forgetFirmsLeft() {
  const mine = keeper.dataset.firms.split(" ").map((firm) => `${SEEN}${firm}`);
  const kept = await caches.open(FIGURES);
  const left = (await kept.keys()).filter(({ url }) => !mine.includes(new URL(url).pathname));
  await Promise.all(left.map((address) => kept.delete(address)));
}

async function showKept() {
  const isKept = Boolean(await (await caches.open(FIGURES)).match(seenHere));
  if (isKept) await keepFigures();
  keeper.textContent = isKept ? "Ne plus garder ces chiffres sur cet appareil" : "Garder ces chiffres hors ligne sur cet appareil";
  keeper.hidden = false;
  return isKept;
}

if ("caches" in window && keeper) {
  forgetFirmsLeft().then(showKept);
  keeper.addEventListener("click", async () => {
    if (!(await (await caches.open(FIGURES)).delete(seenHere))) await keepFigures();
    await showKept();
  });
}
// A page of whoever is signed out: nothing of theirs stays.
if ("caches" in window && document.querySelector("[data-signed-out]")) caches.delete(FIGURES);
