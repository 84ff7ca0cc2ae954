// Light or dark. Runs before the first paint, so a page never shows the wrong one first.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const key = "onering.theme";

  const systemTheme = () => (system.matches ? "dark" : "light");

  // Storage may be forbidden; the theme then lasts as long as the page.
  function remembered() {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  }

  function remember(theme) {
    try {
      // Back at the system's theme, we follow the system again.
      if (theme === systemTheme()) {
        localStorage.removeItem(key);
      } else {
        localStorage.setItem(key, theme);
      }
    } catch {}
  }

  let theme;

  function show(next) {
    theme = next;
    if (root.dataset.theme !== theme) {
      root.dataset.theme = theme;
    }
  }

  function choose() {
    const own = remembered();
    show(own === "light" || own === "dark" ? own : systemTheme());
  }

  choose();
  system.addEventListener("change", choose);
  addEventListener("storage", choose);

  // Enhanced navigation makes <html> look like the server's, which knows no theme.
  new MutationObserver(() => show(theme)).observe(root, { attributeFilter: ["data-theme"] });

  // On the document, because Blazor replaces the button when the circuit comes up.
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-theme-toggle]")) {
      show(theme === "dark" ? "light" : "dark");
      remember(theme);
    }
  });
})();
