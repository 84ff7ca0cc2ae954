// A menu (details.menu) closes when Escape is pressed, when a click goes elsewhere, and when something in it is chosen. It opens and closes by itself without this.
(() => {
  const openMenus = () => document.querySelectorAll("details.menu[open]");

  // The keyboard is never left on what is hidden now.
  const close = (menu) => {
    const hadKeyboard = menu.contains(document.activeElement);
    menu.open = false;
    if (hadKeyboard) {
      menu.querySelector("summary").focus();
    }
  };

  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) {
      if (!menu.contains(event.target) || event.target.closest("a")) {
        close(menu);
      }
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") {
      return;
    }
    for (const menu of openMenus()) {
      close(menu);
    }
  });
})();
