// What is typed into a box before composer.js tends it: the first box goes when Blazor takes over the page and puts another in its place.
(() => {
  const typed = new Map();
  document.addEventListener("input", ({ target }) => {
    const draft = target.closest("[data-draft]")?.dataset.draft;
    if (draft && target.matches('[data-composer="box"]:not([data-tended])')) {
      typed.set(target, { draft, words: target.value });
      import("./words.js").then(({ keepTyped }) => keepTyped(draft, typed)).catch(() => {
        // It does not come; the words are in the box, and nowhere else.
      });
    }
  });
  document.addEventListener("onering:composer", (event) => {
    event.detail.typed = typed;
  });
})();
