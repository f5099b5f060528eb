// The ceremony of a passkey: the device signs what the server asked, the form carries the answer.
const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const REFUSALS = {
  NotAllowedError: "La demande a été annulée, ou le temps est passé. Rien n’a changé : vous pouvez recommencer.",
  AbortError: "La demande a été annulée. Rien n’a changé : vous pouvez recommencer.",
  InvalidStateError: "Cet appareil garde déjà une clé d’accès pour votre compte. Il n’en faut pas d’autre.",
  NotSupportedError: "Cet appareil ne sait pas créer de clé d’accès. Choisissez un autre moyen.",
  ConstraintError: "Cet appareil n’a ni code, ni empreinte, ni visage pour vous reconnaître. Choisissez un autre moyen.",
  SecurityError: "Une clé d’accès ne sert pas à cette adresse. Ouvrez Encaisse à son adresse habituelle.",
  TypeError: "La page n’a pas pu préparer la demande. Rechargez-la et recommencez.",
};

function decoded(options) {
  const listed = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));
  const ready = { ...options, challenge: bytes(options.challenge) };
  if (options.user) ready.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) ready.excludeCredentials = listed(options.excludeCredentials);
  if (options.allowCredentials) ready.allowCredentials = listed(options.allowCredentials);
  return ready;
}

function encoded(credential) {
  const answer = credential.response;
  const response = { clientDataJSON: text(answer.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (answer[part]) response[part] = text(answer[part]);
  }
  if (answer.getTransports) response.transports = answer.getTransports();
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
  };
}

async function optionsOf(form) {
  if (form.dataset.options) {
    const data = JSON.parse(document.getElementById(form.dataset.options).textContent);
    return (data.creation_options ?? data.request_options).publicKey;
  }
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new TypeError("no options");
  return (await answer.json()).request_options.publicKey;
}

async function perform(form) {
  const publicKey = decoded(await optionsOf(form));
  const credential =
    form.dataset.passkey === "create"
      ? await navigator.credentials.create({ publicKey })
      : await navigator.credentials.get({ publicKey });
  form.elements.credential.value = JSON.stringify(encoded(credential));
  HTMLFormElement.prototype.submit.call(form);
}

function say(form, words) {
  const place = form.querySelector("[data-said]");
  place.querySelector("p").textContent = words;
  place.hidden = !words;
}

document.querySelectorAll("form[data-passkey]").forEach((form) => {
  const button = form.querySelector("button[type=submit]");
  form.querySelector("[data-unscripted]").hidden = true;
  if (!window.PublicKeyCredential) {
    say(form, REFUSALS.NotSupportedError);
    return;
  }
  button.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    if (button.disabled) return;
    say(form, "");
    button.disabled = true;
    form.setAttribute("aria-busy", "true");
    try {
      await perform(form);
    } catch (error) {
      say(form, REFUSALS[error.name] ?? REFUSALS.NotAllowedError);
      button.disabled = false;
      form.removeAttribute("aria-busy");
    }
  });
});
