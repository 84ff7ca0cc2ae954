// Starts Blazor, and decides how a lost connection is sought again: soon, then patiently, for as long as the page is open.
(() => {
  const waits = [500, 1000, 2000];

  Blazor.start({
    circuit: {
      reconnectionOptions: {
        maxRetries: Infinity,
        retryIntervalMilliseconds: (attempts) => waits[Math.min(attempts, waits.length - 1)],
      },
    },
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-reload]")) {
      location.reload();
    }
    // Blazor scrolls to a fragment but leaves the keyboard behind.
    const skip = event.target.closest("[data-skip]");
    if (skip) {
      document.getElementById(skip.hash.slice(1))?.focus();
    }
  });
})();
