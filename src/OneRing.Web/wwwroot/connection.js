// The one bar at the foot of the window tells the truth about words and connection; and pages come back by themselves when a server does.
(() => {
  const bar = document.getElementById("connection-bar");
  const news = document.getElementById("connection-news");
  const reload = bar.querySelector("[data-connection-reload]");
  const LOOK_AGAIN = 1000;
  const KNOWN_WITHIN = 5000;
  const LEFT = "onering.left";

  let words = { kind: "none" };
  let lostSince = null;
  let isNew = false;
  let isBack = false;
  let worry = "";

  const clock = (at) => at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const where = () => (words.isKeptHere === false
    ? "They are on this page only: leave it open, or copy them."
    : "They are kept in this browser.");

  function text() {
    switch (words.kind) {
      case "unsaved":
        return `Your words are not saved since ${clock(words.since)}. ${where()} Trying again…`;
      case "signed-out":
        return `You are signed out, so your words are not saved. ${where()}`;
      case "conflict":
        return `There are two versions of your text. ${where()}`;
      case "refused":
        return words.message === "too-long"
          ? `Your text has ${words.count.toLocaleString("en")} characters, which is more than the server keeps (2,000,000). ${where()}`
          : `The server does not take this text. ${words.message} ${where()}`;
    }
    if (isNew) {
      return "Not connected yet. The page is complete, but nothing can be changed. Trying again…";
    }
    if (lostSince) {
      return words.kind === "saved"
        ? `Not connected since ${clock(lostSince)}. Your words are saved. Trying again…`
        : `Not connected since ${clock(lostSince)}. What you type is kept. Trying again…`;
    }
    return words.kind === "saving" ? "Saving…" : words.kind === "saved" ? "Saved" : "";
  }

  function show() {
    const now = text();
    const isWorry = Boolean(lostSince) || !["none", "saved", "saving"].includes(words.kind);
    bar.hidden = now === "";
    bar.classList.toggle("is-worry", isWorry);
    const line = bar.querySelector("[data-connection-words]");
    if (line.textContent !== now) {
      line.textContent = now;
    }
    reload.hidden = !isBack && words.kind !== "signed-out";

    // Spoken only when something has gone wrong, and when it is well again; never at every save.
    const spoken = isWorry ? now : worry ? (lostSince ? "" : "Connected again. Your words are saved.") : "";
    if (isWorry ? worry !== now : worry && ["saved", "none"].includes(words.kind)) {
      news.textContent = spoken;
    }
    worry = isWorry ? now : ["saved", "none"].includes(words.kind) ? "" : worry;
  }

  document.addEventListener("onering:words", (event) => {
    words = event.detail;
    show();
  });

  // --- The circuit -----------------------------------------------------------------------------------------------------------------------------

  document.getElementById("components-reconnect-modal").addEventListener("components-reconnect-state-changed", (event) => {
    switch (event.detail.state) {
      case "hide":
        lostSince = null;
        break;
      case "show":
      case "retrying":
      case "paused":
        lostSince ??= new Date();
        break;
      default: // failed, rejected, resume-failed: the server does not know this page any more
        lostSince ??= new Date();
        comeBack();
    }
    show();
  });

  // The first connection of the page; boot.js seeks it.
  document.addEventListener("onering:connection", (event) => {
    isNew = !event.detail.isThere;
    lostSince = isNew ? lostSince ?? new Date() : null;
    show();
    if (!isNew) {
      // It may be another server by now, which does not know the page.
      setTimeout(() => document.querySelector("[data-interactive=false]") && comeBack(), KNOWN_WITHIN);
    }
  });

  // A page that broke comes back too: its words are kept.
  const broken = document.getElementById("blazor-error-ui");
  new MutationObserver(() => {
    if (broken.style.display === "block") {
      comeBack();
    }
  }).observe(broken, { attributeFilter: ["style"] });

  /** Loads the page again as soon as a server answers. */
  async function comeBack() {
    if (isBack) {
      return;
    }
    isBack = true;
    show();
    while (true) {
      const server = await ready();
      if (server !== null) {
        await leave(server);
        return;
      }
      await new Promise((done) => setTimeout(done, LOOK_AGAIN));
    }
  }

  async function ready() {
    try {
      const answer = await fetch("/readyz", { cache: "no-store", signal: AbortSignal.timeout(3000) });
      return answer.ok ? answer.headers.get("x-onering-server") ?? "" : null;
    } catch {
      return null;
    }
  }

  async function leave(server) {
    const box = document.querySelector('[data-composer="box"]');
    const memory = bar.dataset.memory;
    if (memory && server && server !== memory && box && box.value.trim() !== "") {
      showEnded(box.value);
      return;
    }
    // What is typed at this moment comes along, and so does the place where it is typed.
    await keepAll();
    try {
      sessionStorage.setItem("onering.back", JSON.stringify({ path: location.pathname, inBox: document.activeElement === box, scroll: scrollY }));
    } catch {
      // Then the page begins at its top.
    }
    const signIn = document.querySelector("[data-session-ended]");
    if (signIn) {
      location.assign(signIn.href);
    } else {
      location.reload();
    }
  }

  async function keepAll() {
    const { keepOpen } = await import("./words.js").catch(() => ({}));
    keepOpen?.();
  }

  // --- In memory: the draft ended with the server ----------------------------------------------------------------------------------------------

  function showEnded(text) {
    const dialog = document.getElementById("server-ended");
    dialog.querySelector("textarea").value = text;
    dialog.showModal();
  }

  document.addEventListener("click", async (event) => {
    const box = document.getElementById("kept-words");
    if (event.target.closest("[data-new-draft]")) {
      const { user, forgetOpen } = await import("./words.js");
      sessionStorage.setItem("onering.carry", JSON.stringify({ user: user(), text: box.value }));
      forgetOpen();
      location.assign("/drafts/new");
    } else if (event.target.closest("[data-leave-ended]")) {
      location.assign("/");
    }
  });

  // --- After coming back -----------------------------------------------------------------------------------------------------------------------

  try {
    const back = JSON.parse(sessionStorage.getItem("onering.back"));
    sessionStorage.removeItem("onering.back");
    if (back?.path === location.pathname) {
      if (back.inBox) {
        document.addEventListener("onering:entered", (event) => event.target.focus(), { once: true });
      }
      addEventListener("load", () => scrollTo(0, back.scroll), { once: true });
    }
  } catch {
    // Storage is forbidden: the page begins at its top.
  }

  // --- Signing out -----------------------------------------------------------------------------------------------------------------------------

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-user]");
    if (!form) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    const { bringAll, forget, hasUnsaved, saveOpen, say } = await import("./words.js");
    const userId = form.dataset.user;
    await Promise.race([
      (async () => {
        await saveOpen();
        say({ saveNow: userId });
        await bringAll(userId);
        await saveOpen(); // A box may have become ready meanwhile, and have words of its own.
      })(),
      new Promise((done) => setTimeout(done, 4000)),
    ]);

    if (hasUnsaved(userId) && !(await confirmed())) {
      return;
    }
    forget(userId);
    say({ leaves: userId });
    try {
      sessionStorage.setItem(LEFT, userId);
    } catch {
      // Then the other tabs stay as they are, without words.
    }
    form.submit();
  }, true);

  function confirmed() {
    const dialog = document.getElementById("unsaved-words");
    dialog.showModal();
    return new Promise((answer) => {
      dialog.querySelector("[data-stay]").onclick = () => dialog.close("stay");
      dialog.querySelector("[data-sign-out]").onclick = () => dialog.close("sign-out");
      dialog.onclose = () => answer(dialog.returnValue === "sign-out");
    });
  }

  // The other tabs of somebody who has signed out are loaded again only now: before, the server would have answered them as theirs, with a new cookie.
  addEventListener("load", async () => {
    const left = taken(LEFT);
    if (left) {
      const { say, user } = await import("./words.js");
      if (user() !== left) {
        say({ signedOut: left });
      }
    }
  }, { once: true });

  function taken(key) {
    try {
      const value = sessionStorage.getItem(key);
      sessionStorage.removeItem(key);
      return value;
    } catch {
      return null; // Storage is forbidden.
    }
  }

  // What closed tabs have left in this browser is brought to the server while somebody reads.
  addEventListener("load", () => setTimeout(async () => {
    const { bringAll, user } = await import("./words.js");
    if (user()) {
      await bringAll(user());
    }
  }, 2000), { once: true });
})();
