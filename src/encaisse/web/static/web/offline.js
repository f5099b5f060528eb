// The last figures that this device was asked to keep, firm by firm, each under its name.
const kept = await caches.open("encaisse-figures");
const place = document.querySelector("[data-figures]");
const pattern = document.querySelector("[data-figures-of-firm]").content.firstElementChild;

function line([label, value]) {
  const row = document.createElement("div");
  const term = document.createElement("dt");
  const told = document.createElement("dd");
  term.textContent = label;
  told.textContent = value;
  row.append(term, told);
  return row;
}

function section({ firm, of, figures }) {
  const shown = pattern.cloneNode(true);
  shown.setAttribute("aria-label", firm);
  shown.querySelector("h3").textContent = firm;
  shown.querySelector("p").textContent = of;
  shown.querySelector("dl").append(...figures.map(line));
  return shown;
}

const known = [];
for (const address of await kept.keys()) known.push(await (await kept.match(address)).json());
// An earlier version did not say for whom: the next page with a network forgets those.
const named = known.filter(({ firm }) => firm);
place.append(...named.map(section));
place.hidden = named.length === 0;
