// A page of which a script or a style did not come, because its server went away at that moment, would stay dead or bare. It is loaded again, a few times.
(() => {
  const key = "onering.missing";
  const waits = [1000, 2000, 5000, 10000, 20000];
  const starts = /\/(blazor\.web|boot)\.[^/]*$/; // Without these the page never connects.
  let isMissing = false;
  let isDead = false;

  // Such errors do not rise, so they are caught on their way down.
  document.addEventListener("error", ({ target }) => {
    isMissing ||= target.matches("script[src], link[rel='stylesheet']");
    isDead ||= starts.test(target.src);
  }, true);

  addEventListener("load", async () => {
    const attempts = isMissing ? attempted() : 0;
    remember(isMissing ? attempts + 1 : 0);
    if (!isMissing || attempts >= waits.length) {
      return;
    }
    if (isDead && document.querySelector("[data-interactive=false]")) {
      document.dispatchEvent(new CustomEvent("onering:connection", { detail: { isThere: false } }));
    }
    do {
      await new Promise((done) => setTimeout(done, waits[attempts]));
    } while (isFilledIn() || !(await isReady()) || !(await areWordsKept()));
    location.reload();
  });

  /** Whether somebody has filled in a form, which would be empty again. What they write to a text is kept. */
  function isFilledIn() {
    return [...document.querySelectorAll("form input:not([type=hidden]), form textarea")].some((field) => field.value !== field.defaultValue);
  }

  /** What keeps words may not have come yet itself; until it has, they stand in the box and nowhere else. */
  function areWordsKept() {
    const box = document.querySelector('[data-composer="box"]');
    return box === null || import("./words.js").then(({ keepOpen }) => {
      keepOpen();
      return true;
    }, () => box.value === "");
  }

  function isReady() {
    return fetch("/readyz", { cache: "no-store", signal: AbortSignal.timeout(5000) }).then((answer) => answer.ok, () => false);
  }

  // Where storage is forbidden, nobody could tell how often it was tried, and it is not.
  function attempted() {
    try {
      return Number(sessionStorage.getItem(key));
    } catch {
      return waits.length;
    }
  }

  function remember(attempts) {
    try {
      if (attempts > 0) {
        sessionStorage.setItem(key, attempts);
      } else {
        sessionStorage.removeItem(key);
      }
    } catch {}
  }
})();
