// A telephone that answers: its key never leaves this browser, which signs each agreement with it.
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };
const PATIENCE = 8000;

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const bytes = (written) =>
  Uint8Array.from(atob(written.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

function asPromise(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function keys(mode) {
  const opening = indexedDB.open("encaisse", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("keys");
  return (await asPromise(opening)).transaction("keys", mode).objectStore("keys");
}

async function newKey() {
  const pair = await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
  await asPromise((await keys("readwrite")).put(pair.privateKey, "approver"));
  return text(await crypto.subtle.exportKey("raw", pair.publicKey));
}

async function signature(statement) {
  const key = await asPromise((await keys("readonly")).get("approver"));
  if (!key) return "";
  const signed = new TextEncoder().encode(statement);
  return text(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, signed));
}

// Without the browser's consent, or its push service, the open page answers all the same.
async function subscription(form) {
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) return null;
  if ((await Notification.requestPermission()) !== "granted") return null;
  const registered = await navigator.serviceWorker.register(form.dataset.worker);
  await active(registered);
  return registered.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: bytes(form.dataset.applicationKey),
  });
}

function active(registered) {
  const worker = registered.installing ?? registered.waiting ?? registered.active;
  if (worker.state === "activated") return Promise.resolve();
  return new Promise((resolve) => {
    worker.addEventListener("statechange", () => worker.state === "activated" && resolve());
  });
}

function orNothing(promise) {
  const late = new Promise((resolve) => { setTimeout(resolve, PATIENCE, null); });
  return Promise.race([promise.catch(() => null), late]);
}

async function fillAddition(form) {
  form.elements.public_key.value = await newKey();
  const found = (await orNothing(subscription(form)))?.toJSON();
  if (!found) return;
  form.elements.endpoint.value = found.endpoint;
  form.elements.p256dh.value = found.keys.p256dh;
  form.elements.auth.value = found.keys.auth;
}

async function fillAnswer(form) {
  const number = form.elements.number.value.replaceAll(/[^0-9]/g, "");
  const { approval, digest } = form.dataset;
  form.elements.signature.value = await signature(`encaisse-approval-1\n${approval}\n${digest}\n${number}`);
}

const FILLED = { add: fillAddition, answer: fillAnswer };

function say(form, words) {
  const place = form.querySelector("[data-said]");
  place.querySelector("p").textContent = words;
  place.hidden = !words;
}

document.querySelectorAll("form[data-approver]").forEach((form) => {
  form.querySelectorAll("[data-scripted]").forEach((one) => { one.hidden = false; });
  form.addEventListener("submit", async (event) => {
    // A refusal needs no key, and works without this script.
    if (form.dataset.filled || event.submitter?.value === "non") return;
    event.preventDefault();
    event.stopPropagation();
    const button = event.submitter;
    form.setAttribute("aria-busy", "true");
    try {
      await FILLED[form.dataset.approver](form);
      form.dataset.filled = "yes";
      form.requestSubmit(button);
    } catch (error) {
      form.removeAttribute("aria-busy");
      say(form, `Ce navigateur ne peut pas signer pour vous (${error.name}). Choisissez un autre moyen.`);
    }
  });
});

// Where it was asked: go on as soon as the telephone has answered.
document.querySelectorAll("form[data-answered]").forEach((form) => {
  const look = async () => {
    const answer = await fetch(form.dataset.answered, { headers: { Accept: "application/json" } }).catch(() => null);
    if (answer?.ok && (await answer.json()).is_answered) form.submit();
    else if (!answer || answer.ok) setTimeout(look, 2000);
  };
  setTimeout(look, 2000);
});
