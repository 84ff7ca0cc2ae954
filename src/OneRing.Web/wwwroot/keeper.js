// Keeps what somebody types and has not added: in this browser at once, on the server within two seconds. Both keep it for one person and one
// draft. Nothing here overwrites what another page wrote: where two versions stand side by side, whoever wrote them chooses, and the other is parked.

import { keyOf, listen, newId, ownPage, say, tab } from "./kept.js";
import { cut, difference, find, park, send } from "./saved.js";

/** Of what is sent while a page closes, browsers take 64 KB at the most. */
const MOST_WHILE_LEAVING = 15_000;

const KEEP_AFTER = 150;
const SAVE_AFTER = 500;
const SAVE_AT_THE_LATEST = 1_000;
const MOST_LOOKS = 4;
const RETRY_AFTER = [1_000, 2_000, 5_000];

/** All of this page that have not ended. */
export const open = new Set();

listen((message) => message.asks && open.size > 0 && say({ answers: tab }));

/** Whether whoever was signed in on this page has signed out. */
let isLeft = false;

/** Saves what every composer of this page holds. */
export const saveOpen = () => Promise.all([...open].map((keeper) => keeper.save()));

/** Keeps it in this browser, now. */
export const keepOpen = () => open.forEach((keeper) => keeper.keep());

/** Forgets it, because it goes on somewhere else. */
export const forgetOpen = () => open.forEach((keeper) => keeper.close({ forget: true }));

/** Forgets it, and keeps nothing on this page from here on. */
export function endKeeping() {
  isLeft = true;
  forgetOpen();
}

/**
 * Keeps one text. It is told of every change, reads the text when it is time to, and tells how it stands: "none", "saved", "saving",
 * "unsaved" since when, "refused" with a message, "conflict", "signed-out".
 */
export class Keeper {
  #draft;
  #userId;
  #read;
  #tell;
  #offer;
  #onAdded;
  #id = null;
  #base = 0;
  #rival = null; // the text that stands on the server where the own one would
  #from = null; // the page that kept the text, if that was another one and the server has nothing newer
  #saved = ""; // what the server has, at revision #base
  #refused = null; // a text that the server does not take, until it changes
  #state = { kind: "none" };
  #saving = null;
  #pausedBy = 0;
  #failures = 0;
  #lookedAgain = 0;
  #since = null;
  #due = null;
  #timers = {};
  #isClosed = isLeft;
  #hasRoom = false;

  constructor({ draft, userId, read, tell, offer, onAdded }) {
    this.#draft = draft;
    this.#userId = userId;
    this.#read = read;
    this.#tell = tell;
    this.#offer = offer;
    this.#onAdded = onAdded ?? (() => {});
    if (userId && !isLeft) {
      open.add(this);
    }
  }

  get isClosed() {
    return this.#isClosed;
  }

  get id() {
    return this.#id;
  }

  /** At which revision the server has the text, as far as is known; below zero if what it has at that revision is not known here. */
  get revision() {
    return this.#base;
  }

  /** Under which name this browser keeps the text. */
  get key() {
    return keyOf(this.#userId, this.#draft);
  }

  get isDirty() {
    return this.#read() !== this.#saved;
  }

  get hasConflict() {
    return this.#state.kind === "conflict";
  }

  /** Goes on with a text that this browser has kept. What the server has of it is asked for when it is saved. */
  take({ id, base, page }) {
    this.#id = id;
    this.#from = page;
    this.#base = -1 - (base ?? 0); // below zero: what the server has at that revision is not known here
    this.#saved = null;
  }

  /** Goes on with a text as the server has it. */
  adopt({ textId, revision, content }) {
    this.#id = textId;
    this.#base = revision;
    this.#saved = content;
  }

  /** Goes on with what another one on this page has kept. What that one is sending at this moment is waited for before anything else is sent. */
  succeed(other) {
    this.#copy(other);
    if (other.#saving) {
      this.#saving = other.#saving.then(() => {
        this.#copy(other);
        return this.#saveAll();
      }).finally(() => {
        this.#saving = null;
      });
    }
  }

  #copy(other) {
    this.#id = other.#id;
    this.#base = other.#base;
    this.#from = other.#from;
    this.#saved = other.#saved;
    this.isParked = other.isParked;
  }

  /** Begins a new text. */
  begin() {
    this.#id = null;
    this.#base = 0;
    this.#saved = "";
    this.#refused = null;
    this.isParked = false;
  }

  /** An id for what is in the box, which it keeps until it is added. */
  ensureId() {
    return (this.#id ??= newId());
  }

  changed() {
    if (this.#isClosed) {
      return;
    }
    if (this.#read() !== "") {
      this.ensureId();
    }
    this.#due ??= performance.now() + SAVE_AT_THE_LATEST;
    if (!this.#timers.keep) {
      this.#later("keep", () => this.keep(), KEEP_AFTER); // Not put off by the next letter: who types without a pause would never be kept.
    }
    this.#later("save", () => this.save(), Math.max(0, Math.min(SAVE_AFTER, this.#due - performance.now())));
    if (!this.#pausedBy && this.#state.kind !== "conflict" && this.#state.kind !== "unsaved" && this.isDirty) {
      this.#show("saving");
    }
  }

  /** Keeps the text in this browser, now. */
  keep() {
    if (!this.#userId || this.#isClosed) {
      return;
    }
    const text = this.#read();
    try {
      this.#makeRoom();
      if (text === "" && !this.isDirty) {
        localStorage.removeItem(this.key);
      } else {
        localStorage.setItem(this.key, JSON.stringify({
          id: this.ensureId(), text, base: Math.max(this.#base, -1 - this.#base), page: this.#from ?? ownPage(), dirty: this.isDirty, at: Date.now(),
        }));
      }
      this.isKeptHere = true;
    } catch {
      this.isKeptHere = false; // Full, or forbidden. The bar says so while the server has not got it either.
    }
  }

  /** What this tab kept before it was loaded again is another text, if somebody typed before it was back: it is put aside. */
  #makeRoom() {
    if (this.#hasRoom) {
      return;
    }
    const before = localStorage.getItem(this.key);
    if (before && JSON.parse(before).id !== this.ensureId()) {
      localStorage.setItem(keyOf(this.#userId, this.#draft, newId()), before);
    }
    this.#hasRoom = true;
  }

  isKeptHere = true;

  /** Whether the text is parked on the server: it was in the box when its author lost the ring. */
  isParked = false;

  /** Saves the text on the server. Says whether all of it is there. */
  save() {
    clearTimeout(this.#timers.save);
    return (this.#saving ??= this.#saveAll().finally(() => {
      this.#saving = null;
      // What was typed while it was under way.
      if (!this.#isClosed && this.#state.kind === "saved" && this.isDirty) {
        this.changed();
      }
    }));
  }

  /** Keeps everything where it is, while the text is being added. */
  async pause() {
    this.#pausedBy++;
    await this.#saving;
  }

  resume() {
    this.#pausedBy = Math.max(0, this.#pausedBy - 1);
    this.changed();
  }

  /** Asks the server what it has: it may be something else than this page has heard. */
  lookAgain() {
    if (this.#saved !== null) {
      this.#saved = null;
      this.#base = -1 - this.#base;
    }
    return this.save();
  }

  /** The choice between two versions: go on with the own one; the other is parked. */
  async keepOwn(other) {
    await park(this.#draft, other.textId);
    this.begin();
    this.#show("saving");
    return await this.save();
  }

  /** The choice between two versions: the own one is parked. The caller puts the other one into the box. */
  async parkOwn() {
    const [id, isOther] = [this.#id, this.#rival !== this.#id];
    this.begin();
    if (isOther) {
      this.#id = id; // A text that comes twice, out of two places, is parked once.
    }
    this.#show("saving");
    return await this.#saveAll(true);
  }

  /** Sends what can be sent while the page goes. It is kept in this browser too. */
  leaving() {
    this.keep();
    if (this.#isClosed || this.#pausedBy || this.#saved === null || !this.isDirty || this.hasConflict || this.#saving) {
      return;
    }
    const change = difference(this.#saved, this.#read());
    if (change.insert.length <= MOST_WHILE_LEAVING) {
      this.#send(change, false, true).catch(() => {}); // Nobody is there to hear of it; the browser has the words.
    }
  }

  /**
   * Ends the keeping once all of it is on the server, or is refused there. Of two versions, the own one is parked: nobody is there to choose.
   * Says whether it came to that: another one may have taken over, and closed this one.
   */
  async end({ forget = false } = {}) {
    this.keep();
    if (this.#pausedBy > 0) {
      this.#pausedBy = 0;
      this.lookAgain(); // It was being added; what became of that is not known here.
    }
    let isSaved = false;
    while (!this.#isClosed && !isSaved && this.#read() !== this.#refused) {
      isSaved = await (this.hasConflict ? this.parkOwn() : this.save());
      if (!isSaved) {
        await new Promise((done) => setTimeout(done, RETRY_AFTER[1]));
      }
    }
    return this.close({ forget: forget && isSaved });
  }

  /** Ends the keeping. Says whether it had not ended before. */
  close({ forget = false } = {}) {
    if (this.#isClosed) {
      return false;
    }
    this.#isClosed = true;
    open.delete(this);
    Object.values(this.#timers).forEach(clearTimeout);
    if (forget && this.#userId) {
      localStorage.removeItem(this.key);
    }
    return true;
  }

  async #saveAll(isParked = false) {
    this.#due = null;
    while (!this.#isClosed && !this.#pausedBy && (isParked || this.#state.kind !== "conflict")) {
      if (this.#saved === null && !(await this.#learn())) {
        return false;
      }
      const text = this.#read();
      if (text === this.#saved) {
        this.#show(text === "" ? "none" : "saved");
        this.keep();
        return true;
      }
      if (text === this.#refused) {
        return false;
      }

      // What this browser keeps is never older than what the server has from it.
      this.keep();
      let answer;
      const change = cut(difference(this.#saved, text));
      try {
        answer = await this.#send(change, isParked);
      } catch {
        answer = { status: 0 };
      }
      if (answer.ok) {
        this.#saved = this.#saved.slice(0, change.start) + change.insert + this.#saved.slice(change.start + change.remove);
        this.#base = answer.revision;
        this.#from = null;
        this.#failures = 0;
        this.#lookedAgain = 0;
        this.#since = null;
        this.isParked = answer.isParked;
        say({ saved: this.#draft, isParked: this.isParked });
      } else if (answer.status === 409 || answer.status === 404) {
        this.#saved = null; // Somebody else was there; look what.
        this.#base = -1 - Math.max(0, this.#base);
        if (++this.#lookedAgain > MOST_LOOKS) {
          this.#id = newId(); // This one cannot be ours.
        }
      } else if (answer.status === 401) {
        this.#isSignedOut();
        return false;
      } else if ([400, 403, 413, 422].includes(answer.status)) {
        this.#refused = text;
        this.#show("refused", { message: answer.code === "text_too_long" || answer.status === 413 ? "too-long" : answer.message ?? "Load the page again." });
        this.keep();
        return false;
      } else {
        this.#failed();
        return false;
      }
    }
    return false;
  }

  #send(change, isParked, keepalive = false) {
    const length = this.#saved.length - change.remove + change.insert.length;
    return send(this.#draft, { textId: this.ensureId(), base: this.#base, ...change, length, page: ownPage(), park: isParked }, keepalive);
  }

  /** Asks what the server has of this text, and whether another one is in its place. */
  async #learn() {
    let found;
    try {
      found = await find(this.#draft, this.#id);
    } catch {
      found = { status: 0 };
    }
    if (found.status === 401) {
      this.#isSignedOut();
      return false;
    }
    if (!found.ok) {
      this.#failed();
      return false;
    }

    const text = this.#read();
    const { current, added, parked } = found;
    if (added !== null) {
      this.begin();
      this.#onAdded(added);
    } else if (parked !== null && (parked.content === text || this.#isOlder(parked))) {
      this.adopt(parked);
      this.isParked = true;
    } else if (parked !== null) {
      this.begin(); // What is parked there is newer, or another version, and stays beside this one.
    } else if (current === null) {
      this.#base = 0;
      this.#saved = "";
    } else if (current.content === text || (current.textId === this.#id && this.#isOlder(current))) {
      this.adopt(current);
    } else {
      this.#rival = current.textId;
      this.#show("conflict");
      this.keep();
      this.#offer(current);
      return false;
    }
    return true;
  }

  /**
   * Whether the text that this page has was made out of what the server has; of its own changes, the last may have arrived unheard.
   * A text that was parked when it was to be added, before any of it was saved, is of no page.
   */
  #isOlder({ revision, page }) {
    const base = -1 - this.#base;
    return revision === base || (revision === base + 1 && [ownPage(), this.#from, ""].includes(page));
  }

  #isSignedOut() {
    this.#show("signed-out");
    this.keep();
    this.#later("save", () => this.save(), RETRY_AFTER[RETRY_AFTER.length - 1]);
  }

  #failed() {
    this.#since ??= new Date();
    this.#show("unsaved", { since: this.#since });
    this.keep();
    this.#later("save", () => this.save(), RETRY_AFTER[Math.min(this.#failures++, RETRY_AFTER.length - 1)]);
  }

  #show(kind, more = {}) {
    this.#state = { kind, ...more };
    this.#tell(this.#state);
  }

  #later(name, act, after) {
    if (name === "save" && ["unsaved", "signed-out"].includes(this.#state.kind) && this.#timers.save && after < RETRY_AFTER[0]) {
      return; // Typing does not make a server answer sooner.
    }
    clearTimeout(this.#timers[name]);
    this.#timers[name] = setTimeout(() => {
      this.#timers[name] = null;
      act();
    }, after);
  }
}

addEventListener("pagehide", () => open.forEach((keeper) => keeper.leaving()), { capture: true });
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") {
    open.forEach((keeper) => {
      keeper.keep();
      keeper.save();
    });
  }
});
addEventListener("online", () => open.forEach((keeper) => keeper.save()));
