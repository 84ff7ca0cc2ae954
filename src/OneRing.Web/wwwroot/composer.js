// The box in which the holder writes. The text lives here: the server never binds it, so no message of the circuit carries it while it is typed, and
// nothing that the page draws touches it. keeper.js keeps it; when it is added, the server reads it in chunks.

import { Keeper } from "./keeper.js";
import { drop, isFromThisBrowser, isOwn, leftBehind, listen, say, user } from "./kept.js";
import { find } from "./saved.js";
import { bringAway, takeUp, without } from "./words.js";

const WORD = /[^\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g;

/** What white space is to the server, so that both count the same words. */
const countWords = (text) => text.match(WORD)?.length ?? 0;

/** Unicode scalar values, as the server counts. */
function countCharacters(text) {
  let count = text.length;
  for (let i = 0; i < text.length; i++) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) {
      count--;
    }
  }
  return count;
}

const number = (value) => value.toLocaleString("en");
const plural = (value, one) => `${number(value)} ${value === 1 ? one : `${one}s`}`;

/** Above this, the text is put into the box at once, without a step that can be undone: the browser would take seconds for it. */
const LONG_TEXT = 50_000;

/** How long counting waits while a long text is typed. */
const COUNT_AFTER = 200;

/** How long the page waits to hear what became of a text that is being added, before it asks by itself. */
const HEAR_WITHIN = 5_000;

/** How long it waits with another attempt to bring words away that cannot be added. */
const LEAVE_AGAIN = 2_000;

const CARRY = "onering.carry";

/**
 * Takes care of the box in a section of the page.
 * @param root The section with the box and what stands around it.
 * @param page The component on the server; its circuit may go and come.
 * @param draft Its id.
 * @param limit The longest text that can be added, in characters.
 * @param canWrite Whether the person may write now.
 */
export async function attach(root, page, draft, limit, canWrite) {
  const part = (name) => root.querySelector(`[data-composer="${name}"]`);
  const area = part("box");
  const userId = user();
  const ended = new AbortController();
  const on = (target, event, act) => target.addEventListener(event, act, { signal: ended.signal });
  let hadText = false;
  let other = null;
  let counting = null;
  let isAdding = false;
  let adding = null; // the text that was to be added last
  let unheard = null;

  const call = (method, ...values) => page.invokeMethodAsync(method, ...values).catch(() => {
    // The circuit is gone; whoever attaches next is told anew.
  });

  const keeper = new Keeper({
    draft,
    userId,
    read: () => area.value,
    tell: (state) => ended.signal.aborted || document.dispatchEvent(new CustomEvent("onering:words", { detail: { ...state, isKeptHere: keeper.isKeptHere, count } })),
    offer: showOffer,
    onAdded: (added) => setBox(without(area.value, added)),
  });

  // --- What stands around the box ------------------------------------------------------------------------------------------------------------

  let count = 0;

  function look() {
    const text = area.value;
    count = countCharacters(text);
    const words = countWords(text);
    const over = count - limit;
    const target = Number(part("goal").value) || 0;
    part("words").textContent = target > 0 ? `${number(words)} of ${plural(target, "word")}` : plural(words, "word");
    part("progress").hidden = target <= 0;
    part("progress").max = Math.max(1, target);
    part("progress").value = Math.min(words, target);
    part("count").textContent = over > 0
      ? `${number(count)} of ${number(limit)} characters: ${number(over)} too many`
      : `${number(count)} of ${number(limit)} characters`;
    area.setAttribute("aria-invalid", over > 0 ? "true" : "false");

    const hasText = text.trim().length > 0;
    if (hasText !== hadText) {
      hadText = hasText;
      call("HasTextChangedAsync", hasText);
    }
  }

  function lookSoon() {
    if (area.value.length < LONG_TEXT) {
      look();
      return;
    }
    clearTimeout(counting);
    counting = setTimeout(look, COUNT_AFTER);
  }

  function setBox(text) {
    area.value = text;
    area.setSelectionRange(text.length, text.length);
    area.scrollTop = area.scrollHeight;
    look();
  }

  /** Puts a text where the caret is, as a step that can be undone. */
  function insert(text) {
    area.focus();
    if (text.length > LONG_TEXT || !document.execCommand("insertText", false, text)) {
      area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    }
    look();
    keeper.changed();
  }

  function note(words) {
    part("note").textContent = words;
    part("note").hidden = !words;
  }

  const time = (at) => new Date(at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });

  // --- Two versions --------------------------------------------------------------------------------------------------------------------------

  function showOffer(current) {
    other = current;
    const from = isFromThisBrowser(current.page) ? "in another tab" : "in another browser or on another device";
    part("offer-words").textContent = `There is another version of this text, typed ${from} (${time(current.savedAt)}, ${plural(current.words, "word")}):`;
    part("offer-text").textContent = current.content.length > 600 ? `${current.content.slice(0, 600)}…` : current.content;
    part("offer").hidden = false;
  }

  function hideOffer() {
    other = null;
    part("offer").hidden = true;
  }

  on(part("offer-own"), "click", async () => {
    const declined = other;
    hideOffer();
    area.focus();
    await keeper.keepOwn(declined);
    call("ParkedChangedAsync");
  });

  on(part("offer-other"), "click", async () => {
    const chosen = other;
    if (!(await keeper.parkOwn())) {
      return; // Not saved: both are still there.
    }
    hideOffer();
    keeper.adopt(chosen);
    setBox(chosen.content);
    area.focus();
    keeper.changed();
    call("ParkedChangedAsync");
  });

  // --- Opening -------------------------------------------------------------------------------------------------------------------------------

  /** Goes on with what was typed before this: here, or into the box that stood here before the page was connected. */
  function takeTyped() {
    area.dataset.tended = "true";
    const question = new CustomEvent("onering:composer", { detail: { typed: new Map() } });
    document.dispatchEvent(question);
    const typed = takeUp(draft, question.detail.typed, keeper);
    if (typed !== null && typed !== area.value) {
      setBox(typed);
      if (document.activeElement === document.body) {
        area.focus();
      }
    }
  }

  /** Puts into the box what was there before: in this browser, or on the server. */
  async function enter() {
    const before = await leftBehind(userId, draft);
    if (keeper.isClosed) {
      return; // Whoever wrote here has signed out before the box was ready.
    }
    // At once, whatever the server will say; unless somebody is typing already.
    const own = canWrite && area.value === "" ? before.shift() : undefined;
    if (own) {
      // Who types on before the server has answered goes on with this text, and not with a new one beside it.
      if (own.dirty) {
        keeper.take(own);
      } else {
        keeper.adopt({ textId: own.id, revision: own.base, content: own.text });
      }
      setBox(own.text);
    }
    for (const entry of before) {
      if (await bringAway(entry)) {
        call("ParkedChangedAsync");
      }
    }
    if (!canWrite) {
      return;
    }

    if (own?.dirty) {
      if ((await keeper.save()) && keeper.isParked) {
        isElsewhere();
      } else if (!keeper.isDirty) {
        note("Your words are back. The server had not received the last of them; now it has.");
      }
      forgetOther(own);
      return;
    }

    const found = area.value === (own?.text ?? "") ? await findUnlessTyped() : null;
    if (!found) {
      // What was typed meanwhile is newer than both, and is compared with them when it is saved.
    } else if (found.current) {
      keeper.adopt(found.current);
      if (found.current.content !== area.value) {
        setBox(found.current.content);
      }
      if (found.current.content !== "") {
        note(isFromThisBrowser(found.current.page)
          ? `Your words are back, as you left them (${time(found.current.savedAt)}).`
          : `These are your words from another browser or device (${time(found.current.savedAt)}).`);
      }
    } else if (own && found.ok && (found.added !== null || found.parked !== null)) {
      isElsewhere(); // Nothing of it is here only.
    } else if (own) {
      keeper.take(own); // The server does not answer, or has lost it.
    } else {
      carry();
    }
    keeper.changed();
    await keeper.save();
    forgetOther(own);
  }

  /** Asks what the server has. Null if somebody typed meanwhile, so that the answer is of a moment that is over. */
  async function findUnlessTyped() {
    const [text, id, revision] = [area.value, keeper.id, keeper.revision];
    const found = await find(draft, id).catch(() => ({}));
    return area.value === text && keeper.id === id && keeper.revision === revision && !keeper.isDirty ? found : null;
  }

  /** What stood in the box has been added or parked. */
  function isElsewhere() {
    keeper.begin();
    setBox("");
    call("ParkedChangedAsync");
  }

  /** Under the name of this tab it is kept by now. */
  function forgetOther(entry) {
    keeper.keep();
    if (entry && !isOwn(entry)) {
      drop(entry);
    }
  }

  /** Words of a draft that ended with its server, which their author took along to a new one. */
  function carry() {
    try {
      const carried = JSON.parse(sessionStorage.getItem(CARRY));
      if (carried?.user === userId && area.value === "") {
        setBox(carried.text);
        note("These are your words from the draft that ended with the server.");
        keeper.changed();
        keeper.keep();
        sessionStorage.removeItem(CARRY);
      }
    } catch {
      // Storage is forbidden: nothing was carried.
    }
  }

  // --- While it is open ----------------------------------------------------------------------------------------------------------------------

  // A long text is put into the box at once, as everywhere.
  on(area, "paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (text.length > LONG_TEXT) {
      event.preventDefault();
      note("");
      insert(text.replace(/\r\n?/g, "\n"));
    }
  });

  on(area, "input", () => {
    note("");
    lookSoon();
    keeper.changed();
  });

  const goal = part("goal");

  function keepGoal() {
    try {
      localStorage.setItem(`onering.goal:${userId}:${draft}`, goal.value);
    } catch {
      // The goal lasts as long as the page.
    }
  }

  on(goal, "input", () => {
    look();
    keepGoal();
  });

  on(part("focus"), "click", () => setFocusMode(!document.documentElement.hasAttribute("data-writing")));

  on(document, "keydown", (event) => {
    if (event.key === "Escape" && document.documentElement.hasAttribute("data-writing") && !event.defaultPrevented) {
      setFocusMode(false);
    }
  });

  function setFocusMode(now) {
    document.documentElement.toggleAttribute("data-writing", now);
    part("focus").setAttribute("aria-pressed", now ? "true" : "false");
    area.focus();
    area.scrollIntoView({ block: "nearest" });
  }

  /** Another tab has saved or added. Without changes of its own, this one follows. */
  async function follow() {
    if (!canWrite || isAdding || keeper.isDirty || keeper.hasConflict) {
      return;
    }
    const found = await findUnlessTyped();
    if (!found?.ok) {
      return;
    }
    const before = area.value;
    if (found.current) {
      keeper.adopt(found.current);
      if (found.current.content !== before) {
        const caret = area.selectionStart;
        setBox(found.current.content);
        area.setSelectionRange(caret, caret);
      }
    } else if (before !== "") {
      keeper.begin();
      setBox("");
    }
    keeper.keep();
  }

  const stopListening = listen((message) => {
    if (message.saved === draft) {
      follow();
      if (message.isParked) {
        call("ParkedChangedAsync");
      }
    } else if (message.saveNow === userId) {
      keeper.save();
    } else if (message.leaves === userId || message.signedOut === userId) {
      keeper.close({ forget: true });
      setBox("");
      if (message.signedOut) {
        location.reload();
      }
    }
  });
  on(document, "visibilitychange", () => document.visibilityState === "visible" && follow());
  on(window, "focus", follow);
  on(document, "onering:brought", () => call("ParkedChangedAsync"));

  try {
    // Whoever was faster than this has set a newer one.
    goal.value ||= localStorage.getItem(`onering.goal:${userId}:${draft}`) ?? "";
  } catch {
    // The goal lasts as long as the page.
  }
  if (goal.value !== "") {
    keepGoal();
  }
  look();
  takeTyped();
  const entering = enter().then(() => area.dispatchEvent(new CustomEvent("onering:entered", { bubbles: true })));
  if (area.value !== "") {
    keeper.keep(); // What was typed before is under the name of this tab again.
  }

  // Whether the person may write stands in what the page draws, which arrives in the end; a call may be lost with the network.
  // What was typed before the page was connected may have no ring any more by now.
  let turning = entering.then(() => canWrite || area.value === "" || leaveInTheEnd(root.contains(document.activeElement)));
  const watch = new MutationObserver(() => turn("canWrite" in root.dataset));
  watch.observe(root, { attributeFilter: ["data-can-write"] });

  /** The person may write, or not any more. Then what stands in the box is brought to where the rest is parked. */
  function turn(now) {
    if (canWrite !== now) {
      canWrite = now;
      const hasKeyboard = root.contains(document.activeElement);
      turning = turning.then(now ? enter : () => leaveInTheEnd(hasKeyboard));
    }
    return turning;
  }

  async function leaveInTheEnd(hadKeyboard) {
    while (!canWrite && !ended.signal.aborted && !(await leave())) {
      await new Promise((done) => setTimeout(done, LEAVE_AGAIN));
    }
    // The box goes. Whoever typed in it is taken to where it says why.
    if (hadKeyboard && (root.contains(document.activeElement) || document.activeElement === document.body)) {
      document.getElementById("ring")?.focus();
    }
    call("ParkedChangedAsync");
  }

  /** Nothing was heard of a text that was being added: the network may have lost the answer. The server knows what became of it. */
  function ask() {
    isAdding = false;
    keeper.resume();
    keeper.lookAgain();
  }

  return {
    /** What the text is called, and how many characters it has. From here on it is not saved, until it is clear what became of it. */
    async begin() {
      await entering;
      isAdding = true;
      await keeper.pause();
      clearTimeout(unheard);
      unheard = setTimeout(ask, HEAR_WITHIN);
      adding = keeper.ensureId();
      return { id: adding, length: countCharacters(area.value) };
    },

    /** The text as UTF-16 code units, so that not even half a character is changed on the way. */
    read() {
      const units = new Uint16Array(area.value.length);
      for (let i = 0; i < units.length; i++) {
        units[i] = area.value.charCodeAt(i);
      }
      return new Uint8Array(units.buffer);
    },

    /** It was added: takes it away from the beginning of the box. What was typed since then is a new text. */
    added(length) {
      clearTimeout(unheard);
      isAdding = false;
      if (keeper.id !== adding) {
        return; // The page has found out by itself, and what stands in the box is another text.
      }
      note("");
      keeper.begin();
      setBox(area.value.slice(length));
      keeper.resume();
      keeper.keep();
      say({ saved: draft });
    },

    /** It was not: everything stays, and is saved again. */
    async kept() {
      clearTimeout(unheard);
      isAdding = false;
      keeper.resume();
      await keeper.save();
    },

    setCanWrite: turn,

    leave,

    /** Puts a parked text into the box, behind what is there. Says whether it is safe there. */
    async putBack(url) {
      await entering;
      const answer = await fetch(url, { cache: "no-store" });
      if (!answer.ok) {
        return false;
      }
      const text = await answer.text();
      area.setSelectionRange(area.value.length, area.value.length);
      insert(area.value === "" ? text : `\n\n${text}`);
      return await keeper.save();
    },

    detach() {
      ended.abort();
      stopListening();
      watch.disconnect();
      clearTimeout(counting);
      clearTimeout(unheard);
      document.documentElement.removeAttribute("data-writing");
      keeper.end({ forget: !canWrite });
      document.dispatchEvent(new CustomEvent("onering:words", { detail: { kind: "none" } }));
    },
  };

  /** Empties the box once all of it is where it can be found again. */
  async function leave() {
    clearTimeout(unheard);
    isAdding = false;
    keeper.resume();
    hideOffer();
    while (area.value !== "" || keeper.isDirty) {
      const text = area.value;
      if (keeper.hasConflict ? !(await keeper.parkOwn()) : !(await keeper.save())) {
        return false;
      }
      if (area.value === text) {
        keeper.begin();
        setBox("");
      }
    }
    keeper.keep();
    note("");
    document.dispatchEvent(new CustomEvent("onering:words", { detail: { kind: "none" } }));
    return true;
  }
}
