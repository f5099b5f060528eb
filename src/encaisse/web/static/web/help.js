// Finds an entry while somebody types, with the network or without; words as the server reads them.
const field = document.querySelector("[data-help]");
const whole = document.querySelector("#toute-aide");
const place = document.querySelector("#trouve-aide");
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const EMPTY = new Set("a ai au aux avec c ce comment d dans de des du en est et faire fait il j je l la le les ma me mes mon n ne ou par pas pour qu que quoi s sa se sont sur un une".split(" "));

function wordsOf(text) {
  const typed = plain(text).replace(/[^\p{L}\p{N}_-]/gu, " ").split(" ").filter(Boolean);
  const telling = typed.filter((word) => !EMPTY.has(word));
  return (telling.length ? telling : typed).map((word) => (/^[^_]{4,}[sx]$/.test(word) ? word.slice(0, -1) : word));
}

const entries = [...(whole?.querySelectorAll("[data-entry]") ?? [])].map((article) => {
  const title = article.dataset.title ?? article.querySelector("h3").textContent;
  const code = article.querySelector(".code")?.textContent.split(/\s/).pop() ?? "";
  return { article, title, code, named: plain(`${title} ${code}`), all: plain(`${title} ${article.textContent}`) };
});

function found(words) {
  const far = (entry) => [Number(!words.includes(entry.code)), words.filter((word) => !entry.named.includes(word)).length, entry.named.length];
  const byDistance = ([a, b, c], [x, y, z]) => a - x || b - y || c - z;
  return entries
    .filter((entry) => words.every((word) => entry.all.includes(word)))
    .sort((one, other) => byDistance(far(one), far(other)));
}

function shown(entry) {
  const copy = entry.article.cloneNode(true);
  copy.removeAttribute("id");
  if (!copy.querySelector("h3")) {
    const heading = document.createElement("h3");
    heading.textContent = entry.title;
    copy.prepend(heading);
  }
  return copy;
}

function show(text) {
  const words = wordsOf(text);
  const hits = words.length ? found(words) : [];
  const count = document.createElement("h2");
  count.className = "label";
  count.textContent = hits.length > 1 ? `${hits.length} réponses` : `${hits.length} réponse`;
  const list = document.createElement("div");
  list.className = "entries";
  list.append(...hits.map(shown));
  place.replaceChildren(...(hits.length ? [count, list] : []));
  const nothing = document.querySelector("#rien-aide");
  for (const part of whole.children) part.hidden = part === nothing ? hits.length > 0 || !words.length : words.length > 0;
}

// A page that the server has already searched keeps its answer.
if (whole) {
  const asked = new URL(location.href).searchParams.get("q");
  if (asked) field.value = asked;
  if (asked) show(asked);
  field.addEventListener("input", () => show(field.value));
}
