// Waits for the telephone, and asks the browser's own authenticator: the page works without, by its buttons.
"use strict";

const WAIT_MS = 2000;
const waiting = document.querySelector("[data-waiting]");
const errorBox = document.getElementById("device-error");

async function waitForTelephone() {
  const isWaiting = await fetch(waiting.dataset.waiting, { cache: "no-store" })
    .then((answer) => answer.json()).then((state) => state.is_waiting, () => true);
  if (isWaiting) setTimeout(waitForTelephone, WAIT_MS);
  else location.replace(location.pathname);
}
if (waiting) setTimeout(waitForTelephone, WAIT_MS);

const toBytes = (text) => Uint8Array.from(
  atob(text.replace(/-/g, "+").replace(/_/g, "/")), (character) => character.charCodeAt(0));
const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const readable = (list) => (list || []).map((one) => ({ ...one, id: toBytes(one.id) }));

function optionsOf(form) {
  const options = JSON.parse(form.dataset.options).publicKey;
  options.challenge = toBytes(options.challenge);
  if (options.user) options.user.id = toBytes(options.user.id);
  options.excludeCredentials = readable(options.excludeCredentials);
  options.allowCredentials = readable(options.allowCredentials);
  return { publicKey: options };
}

function written(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  return JSON.stringify({ id: credential.id, rawId: toText(credential.rawId), type: credential.type, response });
}

function explain(error) {
  errorBox.textContent = error.name === "InvalidStateError"
    ? errorBox.dataset.sayKnown
    : errorBox.dataset.sayUnknown;
  errorBox.hidden = false;
}

async function ask(event) {
  event.preventDefault();
  const form = event.target, button = form.querySelector("button");
  button.disabled = true;
  try {
    const found = await navigator.credentials[form.dataset.ceremony](optionsOf(form));
    form.elements.credential.value = written(found);
    form.submit();
  } catch (error) {
    button.disabled = false;
    explain(error);
  }
}

const isAble = Boolean(window.isSecureContext && window.PublicKeyCredential);
for (const form of document.querySelectorAll("form.device")) {
  form.addEventListener("submit", ask);
  form.querySelector("button").disabled = !isAble;
}
if (errorBox && !isAble) {
  errorBox.textContent = errorBox.dataset.sayUnable;
  errorBox.hidden = false;
}
