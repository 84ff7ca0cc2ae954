// Forms that need a passkey: <form data-passkey="create|get" data-options="URL">. Before such a form is sent, the browser is asked for the
// passkey, and what it answers goes along in the field "credential".
(() => {
  // On the document, because Blazor replaces forms when it moves from page to page.
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-passkey]");
    if (!form || event.submitter?.hasAttribute("formaction")) {
      return;
    }

    event.preventDefault();
    event.stopPropagation();
    say(form, "");
    try {
      form.elements.credential.value = JSON.stringify(await ask(form));
      form.submit();
    } catch (failure) {
      say(form, wordsFor(failure));
    }
  }, true);

  async function ask(form) {
    if (!window.PublicKeyCredential?.parseCreationOptionsFromJSON) {
      throw new DOMException("", "NotSupportedError");
    }
    const answer = await fetch(form.dataset.options, { method: "POST", body: new FormData(form) });
    if (answer.status === 409) {
      throw new DOMException(await answer.text(), "DataError");
    }
    if (!answer.ok) {
      throw new DOMException("", "NetworkError");
    }
    const options = await answer.json();
    const credential = form.dataset.passkey === "create"
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
    return credential.toJSON();
  }

  function wordsFor(failure) {
    switch (failure.name) {
      case "DataError": // The server has said why.
        return failure.message;
      case "NotSupportedError":
        return "This browser knows no passkeys.";
      case "InvalidStateError":
        return "This device has a passkey for your account already.";
      case "NotAllowedError":
      case "AbortError":
        return "No passkey was used. You can try again.";
      default:
        return "That did not work. Load the page again, and try once more.";
    }
  }

  function say(form, words) {
    form.querySelector("[data-passkey-problem]").textContent = words;
  }
})();
