// Encrypts the card in the browser: only ciphertext is posted, and no field of the card has a name.
"use strict";

const form = document.getElementById("card-form");
const sealedForm = document.getElementById("sealed-form");
const button = form.querySelector("button");
const errorBox = document.getElementById("form-error");
const field = (name) => document.getElementById(name);

const toBase64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
const fromBase64 = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
const digitsOf = (text) => text.replace(/\D/g, "");

function passesLuhn(number) {
  const sum = [...number].reverse().reduce((total, character, index) => {
    const digit = Number(character) * (index % 2 ? 2 : 1);
    return total + (digit > 9 ? digit - 9 : digit);
  }, 0);
  return number.length >= 12 && sum % 10 === 0;
}

function firstMistake() {
  if (!passesLuhn(digitsOf(field("number").value))) return ["number", form.dataset.sayNumber];
  if (!/^\s*\d{1,2}\s*\/\s*(\d{2}|\d{4})\s*$/.test(field("expiry").value)) return ["expiry", form.dataset.sayExpiry];
  if (!/^\d{3,4}$/.test(field("cvc").value.trim())) return ["cvc", form.dataset.sayCvc];
  if (!field("name").value.trim()) return ["name", form.dataset.sayName];
  return null;
}

function show(mistake) {
  const [name, message] = mistake;
  errorBox.textContent = message + " " + form.dataset.sayNothing;
  errorBox.hidden = false;
  for (const input of form.querySelectorAll("input")) input.removeAttribute("aria-invalid");
  if (name) {
    field(name).setAttribute("aria-invalid", "true");
    field(name).focus();
  }
}

async function seal(card) {
  const wrapping = await crypto.subtle.importKey(
    "spki", fromBase64(form.dataset.publicKey), { name: "RSA-OAEP", hash: "SHA-256" }, false, ["encrypt"]);
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const clear = new TextEncoder().encode(JSON.stringify(card));
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, clear);
  const wrapped = await crypto.subtle.encrypt("RSA-OAEP", wrapping, await crypto.subtle.exportKey("raw", key));
  return btoa(JSON.stringify({ key: toBase64(wrapped), iv: toBase64(iv), data: toBase64(data) }));
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const mistake = firstMistake();
  if (mistake) return show(mistake);
  button.disabled = true;
  button.textContent = form.dataset.sayAsking;
  const card = Object.fromEntries(["number", "expiry", "cvc", "name"].map((name) => [name, field(name).value]));
  sealedForm.elements.card.value = await seal(card);
  form.reset();
  sealedForm.submit();
});

field("number").addEventListener("input", (event) => {
  const input = event.target;
  const isAtEnd = input.selectionStart === input.value.length;
  if (isAtEnd) input.value = digitsOf(input.value).slice(0, 19).replace(/(.{4})(?=.)/g, "$1 ");
});

field("expiry").addEventListener("input", (event) => {
  const input = event.target;
  const isTyping = event.inputType && event.inputType.startsWith("insert");
  if (isTyping && /^\d{2}$/.test(input.value)) input.value += "/";
  // Whoever types the slash too meant one.
  input.value = input.value.replace(/\/{2,}/, "/");
});

// The page may come back from the browser's memory with the button as it was left.
window.addEventListener("pageshow", () => {
  button.textContent = form.dataset.sayPay;
  button.disabled = !(window.crypto && window.crypto.subtle);
  if (button.disabled) show([null, form.dataset.sayUnable]);
});
