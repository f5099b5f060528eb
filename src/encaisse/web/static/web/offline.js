// The last figures that this device was asked to keep, if it was.
const kept = await (await caches.open("encaisse-figures")).match("/hors-ligne/chiffres");
const known = kept ? await kept.json() : null;
if (known) {
  document.querySelector("[data-figures-of]").textContent = known.of;
  const list = document.querySelector("[data-figures-list]");
  for (const [label, value] of known.figures) {
    const row = document.createElement("div");
    const term = document.createElement("dt");
    const told = document.createElement("dd");
    term.textContent = label;
    told.textContent = value;
    row.append(term, told);
    list.append(row);
  }
  document.querySelector("[data-figures]").hidden = false;
}
