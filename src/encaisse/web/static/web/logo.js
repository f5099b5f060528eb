// Shows a chosen logo in the preview before it is sent; without it, the initials stay.
const chosen = document.querySelector('input[type="file"][name="logo"]');
const seen = document.getElementById("apercu");
let picture = "";

function draw() {
  if (!picture) return;
  const shown = seen.querySelector("[data-logo-shown]");
  shown.src = picture;
  shown.hidden = false;
  seen.querySelector("[data-logo-missing]").hidden = true;
}

chosen.addEventListener("change", () => {
  const file = chosen.files[0];
  if (!file || file.size > 2 * 1024 * 1024) return;
  const reader = new FileReader();
  reader.addEventListener("load", () => {
    picture = reader.result;
    draw();
  });
  reader.readAsDataURL(file);
});
// The preview is drawn again as one types.
seen.addEventListener("htmx:afterSwap", draw);
