// Starts Blazor, and decides how a lost connection is sought again: soon, then patiently, for as long as the page is open.
(() => {
  const waits = [500, 1000, 2000];
  const waitAfter = (attempts) => waits[Math.min(attempts, waits.length - 1)];
  let isFirst = true;

  Blazor.start({
    circuit: {
      reconnectionOptions: {
        maxRetries: Infinity,
        retryIntervalMilliseconds: waitAfter,
      },
      configureSignalR: seekFirst,
    },
  });

  /** Has the first connection sought as patiently as any later one: by itself Blazor would give up after one attempt, and the page stay dead. */
  function seekFirst(builder) {
    const build = builder.build.bind(builder);
    builder.build = () => {
      const connection = build();
      if (isFirst) {
        isFirst = false;
        const start = connection.start.bind(connection);
        connection.start = () => seek(start);
      }
      return connection;
    };
  }

  async function seek(start) {
    for (let attempts = 0; ; attempts++) {
      try {
        await start();
        if (attempts > 0) {
          document.dispatchEvent(new CustomEvent("onering:connection", { detail: { isThere: true } }));
        }
        return;
      } catch {
        document.dispatchEvent(new CustomEvent("onering:connection", { detail: { isThere: false } }));
        await new Promise((done) => setTimeout(done, waitAfter(attempts)));
      }
    }
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-reload]")) {
      location.reload();
    }
    // Blazor scrolls to a fragment but leaves the keyboard behind.
    const skip = event.target.closest("[data-skip]");
    const target = skip && document.getElementById(skip.hash.slice(1));
    if (target) {
      if (target.tabIndex < 0) {
        target.tabIndex = -1; // A place to read takes the keyboard when somebody is led to it.
      }
      target.focus();
    }
  });

  // What an action has changed may come a moment after the keyboard was taken to a place beside it. The place stays in sight until its person does something else.
  let place = null;
  const keepInSight = new ResizeObserver(() => document.activeElement === place && place.scrollIntoView({ block: "nearest" }));
  document.addEventListener("focusin", (event) => {
    keepInSight.disconnect();
    if (event.target.matches(".takes-keyboard")) {
      place = event.target;
      keepInSight.observe(document.body);
    }
  });
  for (const other of ["wheel", "touchmove", "keydown", "pointerdown"]) {
    document.addEventListener(other, () => keepInSight.disconnect(), { capture: true, passive: true });
  }

  // Somebody has gone on to another page: the keyboard goes to its heading, as soon as the page has one, unless they are somewhere by then.
  let isAwaited = null;
  window.focusHeading = () => {
    isAwaited?.disconnect();
    const focus = () => {
      const heading = document.querySelector("h1");
      if (heading === null) {
        return false;
      }
      if (document.activeElement === null || document.activeElement === document.body || !document.activeElement.closest("main")) {
        heading.tabIndex = -1;
        heading.focus({ preventScroll: true });
      }
      return true;
    };
    if (!focus()) {
      isAwaited = new MutationObserver(() => focus() && isAwaited.disconnect());
      isAwaited.observe(document.body, { childList: true, subtree: true });
    }
  };
})();
