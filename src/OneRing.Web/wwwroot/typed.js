// What is typed into a box before composer.js tends it. When Blazor takes over the page it puts another box in the place of the first one: what was typed
// goes on there at once, and so do the caret and the keyboard.
(() => {
  const UNTENDED = '[data-composer="box"]:not([data-tended])';
  const typed = new Map();
  let last = null; // the box in which somebody is or has typed, and its draft
  let hasKeyboard = false;

  const draftOf = (target) => (target.matches(UNTENDED) ? target.closest("[data-draft]")?.dataset.draft : undefined);

  document.addEventListener("focusin", ({ target }) => {
    const draft = draftOf(target);
    hasKeyboard = Boolean(draft);
    last = draft ? { box: target, draft } : last;
  });

  document.addEventListener("input", ({ target }) => {
    const draft = draftOf(target);
    if (draft) {
      last = { box: target, draft };
      typed.set(target, { draft, words: target.value });
      import("./words.js").then(({ keepTyped }) => keepTyped(draft, typed)).catch(() => {
        // It does not come; the words are in the box, and nowhere else.
      });
    }
  });

  new MutationObserver(() => {
    if (last && !last.box.isConnected) {
      const next = document.querySelector(`[data-draft="${last.draft}"] ${UNTENDED}`);
      if (next) {
        goOn(last.box, next);
        last = null;
      }
    }
  }).observe(document, { childList: true, subtree: true });

  function goOn(box, next) {
    if (typed.has(box)) { // Else they have been brought to the server.
      next.value = box.value;
      next.setSelectionRange(box.selectionStart, box.selectionEnd);
      typed.set(next, typed.get(box));
      typed.delete(box);
    }
    if (hasKeyboard && document.activeElement === document.body) {
      next.focus();
    }
  }

  document.addEventListener("onering:composer", (event) => {
    last = null; // Somebody tends it from here on.
    event.detail.typed = typed;
  });
})();
