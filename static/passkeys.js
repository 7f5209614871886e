/* Passkeys: a form with data-passkey asks the browser for one and sends what it answers. Loaded on these pages alone. */
(() => {
  "use strict";
  const passkeys = window.PublicKeyCredential;
  const can = passkeys?.parseCreationOptionsFromJSON && passkeys.parseRequestOptionsFromJSON;

  // What the server wants of a passkey: on the page, or, where a page may be kept by caches, asked for.
  const options = async (form) => {
    const own = document.getElementById("js_data");
    if (own) return JSON.parse(own.textContent);
    const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  };
  const make = (wanted, form) => {
    const { publicKey } = structuredClone(wanted);
    const alone = form.elements.passwordless; // no such field: the server has decided
    if (alone) {
      const residentKey = alone.checked ? "required" : "discouraged";
      Object.assign(publicKey.authenticatorSelection, { residentKey, requireResidentKey: alone.checked });
      if (alone.checked) publicKey.authenticatorSelection.userVerification = "required";
    }
    return navigator.credentials.create({ publicKey: passkeys.parseCreationOptionsFromJSON(publicKey) });
  };
  const show = (wanted) =>
    navigator.credentials.get({ publicKey: passkeys.parseRequestOptionsFromJSON(wanted.publicKey) });

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const say = (what) => {
      form.querySelector("[role=alert]").hidden = !what;
      for (const line of form.querySelectorAll("[data-trouble]")) line.hidden = line.dataset.trouble !== what;
    };
    const button = form.querySelector("[type=submit]");
    if (!can) {
      say("unable");
      button.hidden = true;
    }
    form.addEventListener("submit", async (event) => {
      if (!can) return;
      event.preventDefault();
      say("");
      button.setAttribute("aria-busy", "true");
      try {
        const { creation_options: creation, request_options: request } = await options(form);
        const passkey = await (creation ? make(creation, form) : show(request));
        form.elements.credential.value = JSON.stringify(passkey);
        form.submit();
      } catch (error) {
        say({ InvalidStateError: "known", SecurityError: "place" }[error.name] ?? "stopped");
        button.removeAttribute("aria-busy");
      }
    });
    button.disabled = false; // until now a press would have sent the form without a passkey
  }
})();
