// The secret of an invite link stands behind the #, so that it never is part of an address that a server, a proxy or a log sees. This script
// hands it to the form of the page. Until it is used it is kept for this tab, through signing up or in.
(() => {
  const find = () => document.querySelector("form[data-invite]");
  const place = (form) => `invite:${form.dataset.invite}`;
  const wish = (form) => `${place(form)}:join`;

  function open() {
    const form = find();
    if (!form || form.dataset.open === "true") {
      return;
    }

    const token = location.hash.slice(1) || sessionStorage.getItem(place(form));
    if (!token) {
      form.querySelectorAll("[data-invite-none]").forEach((words) => words.removeAttribute("hidden"));
      form.querySelectorAll("[data-invite-wait]").forEach((words) => words.setAttribute("hidden", ""));
      return;
    }

    const wantsIn = form.dataset.signedIn === "true" && sessionStorage.getItem(wish(form));
    sessionStorage.removeItem(place(form));
    sessionStorage.removeItem(wish(form));
    history.replaceState(history.state, "", location.pathname);
    form.elements.namedItem("Input.Token").value = token;
    form.elements.namedItem("Input.Act").value = wantsIn ? "accept" : "open";
    form.submit();
  }

  document.addEventListener("click", (event) => {
    // Whoever goes from here to make an account or to sign in has said that they want to come in.
    const form = event.target.closest("[data-invite-join]") && find();
    if (form) {
      sessionStorage.setItem(place(form), form.elements.namedItem("Input.Token").value);
      sessionStorage.setItem(wish(form), "true");
    }
  });

  Blazor.addEventListener("enhancedload", open);
  open();
})();
