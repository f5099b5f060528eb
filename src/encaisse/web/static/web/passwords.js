// A password seen or hidden, and how long it would hold, in words. The server judges in the end.
const KNOWN = [
  "motdepasse", "azerty", "qwerty", "password", "bonjour", "soleil", "jetaime", "doudou", "loulou",
  "chouchou", "marseille", "encaisse", "entreprise", "bienvenue", "printemps", "automne", "hiver",
  "janvier", "fevrier", "juillet", "septembre", "octobre", "novembre", "decembre", "123456", "abcdef",
  "iloveyou", "admin", "welcome",
];
const WORDS = [
  "Trop facile à deviner.",
  "Encore un peu court : ajoutez un mot.",
  "Bien.",
  "Très bien : long et facile à retenir.",
];

function plain(text) {
  return text.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]/g, "");
}

// What is left to guess: signs that repeat, follow each other or make a known word count little.
function worth(text) {
  let rest = plain(text);
  for (const known of KNOWN) rest = rest.replaceAll(known, "*");
  let count = 0;
  for (let index = 0; index < rest.length; index += 1) {
    const step = rest.charCodeAt(index) - rest.charCodeAt(index - 1);
    const again = index >= 3 && rest.slice(0, index).includes(rest.slice(index - 2, index + 1));
    count += index && (Math.abs(step) <= 1 || again) ? 0.25 : 1;
  }
  return Math.min(count, new Set(text).size * 2);
}

function level(text, least) {
  const value = worth(text);
  if (value < least / 2) return 0;
  if (text.length < least || value < least * 0.75) return 1;
  return value < least * 1.3 ? 2 : 3;
}

function measure(input) {
  const least = Number(input.minLength) > 0 ? input.minLength : 15;
  const meter = document.createElement("div");
  meter.className = "strength";
  const bar = document.createElement("progress");
  bar.className = "progress";
  bar.max = 4;
  bar.setAttribute("aria-hidden", "true");
  const words = document.createElement("span");
  words.setAttribute("role", "status");
  meter.append(bar, words);
  meter.hidden = true;
  (input.closest(".copy") ?? input).after(meter);
  let later;
  input.addEventListener("input", () => {
    meter.hidden = !input.value;
    const found = level(input.value, least);
    bar.value = found + 1;
    bar.dataset.level = found;
    clearTimeout(later);
    // Told once the fingers rest, so that a screen reader is not interrupted at each key.
    later = setTimeout(() => (words.textContent = input.value ? WORDS[found] : ""), 400);
  });
}

function unveil(input) {
  const line = document.createElement("div");
  line.className = "copy";
  input.before(line);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn";
  button.textContent = "Afficher";
  button.setAttribute("aria-pressed", "false");
  button.setAttribute("aria-label", "Afficher le mot de passe");
  line.append(input, button);
  button.addEventListener("click", () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.textContent = shown ? "Masquer" : "Afficher";
    button.setAttribute("aria-pressed", String(shown));
  });
  input.form?.addEventListener("submit", () => (input.type = "password"));
}

document.querySelectorAll("input[type=password]").forEach((input) => {
  unveil(input);
  if (input.autocomplete === "new-password") measure(input);
});
