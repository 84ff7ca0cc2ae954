// Keeps what somebody types and has not added: in this browser at once, on the server within two seconds. Both keep it for one person and one
// draft. Nothing here overwrites what another page wrote: where two versions stand side by side, whoever wrote them chooses, and the other is parked.

const PREFIX = "onering.words";
const TAB = "onering.tab";
const BROWSER = "onering.browser";

/** UTF-16 code units in one request: far below what a server, a proxy or a hub takes at once. */
const MOST_AT_ONCE = 60_000;

/** Of what is sent while a page closes, browsers take 64 KB at the most. */
const MOST_WHILE_LEAVING = 15_000;

const KEEP_AFTER = 150;
const SAVE_AFTER = 500;
const SAVE_AT_THE_LATEST = 1_000;
const MOST_LOOKS = 4;
const RETRY_AFTER = [1_000, 2_000, 5_000];

const ANSWER_WITHIN = 120;

/** How often it is looked whether a box is still there that nobody tends. */
const LOOK_FOR_BOX = 1_000;

export function newId() {
  // Not crypto.randomUUID, which is there on https and localhost only.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function remembered(storage, key) {
  try {
    const known = storage.getItem(key) ?? newId();
    storage.setItem(key, known);
    return known;
  } catch {
    return newId(); // Storage may be forbidden; then this page is a browser of its own.
  }
}

const browser = remembered(localStorage, BROWSER);

// A tab keeps its name when it is loaded again, so that it finds its own words.
let tab = remembered(sessionStorage, TAB);

export const isFromThisBrowser = (page) => page.split("/")[0] === browser;

const ownPage = () => `${browser}/${tab}`;

/** Who is signed in on this page; null if nobody is. */
export const user = () => document.querySelector("form[data-user]")?.dataset.user ?? null;

// --- In this browser ---------------------------------------------------------------------------------------------------------------------------

/** What this browser keeps for a person: of one draft, or of all; the newest first. */
export function kept(userId, draftId) {
  const found = [];
  try {
    for (const key of Object.keys(localStorage)) {
      const [prefix, owner, draft, of] = key.split(":");
      if (prefix === PREFIX && owner === userId && (!draftId || draft === draftId)) {
        const stored = localStorage.getItem(key);
        found.push({ key, stored, draft, tab: of, ...JSON.parse(stored) });
      }
    }
  } catch {
    // Storage is forbidden: nothing is kept here, and the bar says so.
  }
  return found.sort((one, other) => other.at - one.at);
}

/** Whether this tab kept it, before it was loaded again. */
export const isOwn = (entry) => entry.tab === tab;

/** Whether nothing newer is kept in its place by now. */
const isNewest = (entry) => localStorage.getItem(entry.key) === entry.stored;

/** Removes what was kept, unless something newer is kept in its place by now. */
export function drop(entry) {
  if (isNewest(entry)) {
    localStorage.removeItem(entry.key);
  }
}

/** Forgets everything that this browser keeps for a person. This page keeps nothing from here on. */
export function forget(userId) {
  isLeft = true;
  forgetOpen();
  kept(userId).forEach(drop);
  sessionStorage.removeItem("onering.carry");
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(`onering.goal:${userId}:`)) {
      localStorage.removeItem(key);
    }
  }
}

// --- Between the tabs of this browser ----------------------------------------------------------------------------------------------------------

const channel = "BroadcastChannel" in self ? new BroadcastChannel(PREFIX) : null;
const listeners = new Set();

channel?.addEventListener("message", ({ data }) => {
  if (data.asks) {
    if (open.size > 0) {
      channel.postMessage({ answers: tab });
    }
    return;
  }
  listeners.forEach((listen) => listen(data));
});

/** Calls back for what other tabs say; answers how to stop. */
export function listen(callback) {
  listeners.add(callback);
  return () => listeners.delete(callback);
}

export const say = (message) => channel?.postMessage(message);

/** The other tabs in which somebody has a draft open. A tab that was duplicated gets a name of its own. */
async function othersOpen() {
  if (!channel) {
    return new Set();
  }

  const tabs = new Set();
  const stop = listen((message) => message.answers && tabs.add(message.answers));
  channel.postMessage({ asks: tab });
  await new Promise((done) => setTimeout(done, ANSWER_WITHIN));
  stop();
  if (tabs.has(tab)) {
    tab = newId();
    try {
      sessionStorage.setItem(TAB, tab);
    } catch {
      // It has a new name as long as it is not loaded again.
    }
  }
  return tabs;
}

/** What tabs that are closed by now have left of a draft, or of all; and this tab, before it was loaded again. */
export async function leftBehind(userId, draftId) {
  // Before anybody is asked: what is typed meanwhile is kept in the place of what this tab has left.
  const entries = kept(userId, draftId);
  const others = await othersOpen();
  return entries.filter((entry) => !others.has(entry.tab));
}

// --- On the server -----------------------------------------------------------------------------------------------------------------------------

function token() {
  return document.querySelector("form[data-user] input[name=__RequestVerificationToken]")?.value ?? "";
}

async function call(path, body, keepalive = false) {
  const answer = await fetch(path, {
    method: body === undefined ? "GET" : "POST",
    headers: body === undefined ? {} : { "Content-Type": "application/json", RequestVerificationToken: token() },
    body: body === undefined ? undefined : JSON.stringify(body),
    cache: "no-store",
    redirect: "error",
    keepalive,
    signal: keepalive ? undefined : AbortSignal.timeout(20_000),
  });
  const isJson = (answer.headers.get("Content-Type") ?? "").includes("json");
  return { status: answer.status, ok: answer.ok, ...(isJson ? await answer.json() : {}) };
}

export const find = (draftId, textId) => call(`/drafts/${draftId}/words${textId ? `?text=${textId}` : ""}`);

const park = (draftId, textId) => call(`/drafts/${draftId}/words/${textId}/park`, {});

/** The stretch in which a text differs from what it was, cut nowhere through a character. */
function difference(before, now) {
  const shorter = Math.min(before.length, now.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === now.charCodeAt(start)) {
    start++;
  }
  let end = 0;
  while (end < shorter - start && before.charCodeAt(before.length - 1 - end) === now.charCodeAt(now.length - 1 - end)) {
    end++;
  }
  while (start > 0 && isHigh(now, start - 1)) {
    start--;
  }
  while (end > 0 && isLow(now, now.length - end)) {
    end--;
  }
  return { start, remove: before.length - start - end, insert: now.slice(start, now.length - end) };
}

const isHigh = (text, i) => (text.charCodeAt(i) & 0xfc00) === 0xd800;
const isLow = (text, i) => (text.charCodeAt(i) & 0xfc00) === 0xdc00;

/** The first part of a long stretch; the rest follows. */
function cut({ start, remove, insert }, most) {
  if (insert.length <= most) {
    return { start, remove, insert };
  }
  return { start, remove, insert: insert.slice(0, isHigh(insert, most - 1) ? most - 1 : most) };
}

/** Brings what a closed tab left to the server, where it is parked unless it stands in the box there. Says whether nothing of it is here only. */
export async function bring(entry) {
  let parking;
  const keeper = new Keeper({
    draft: entry.draft,
    read: () => entry.text,
    tell: () => {},
    offer: () => {
      parking = keeper.parkOwn();
    },
    onAdded: (added) => {
      entry.text = without(entry.text, added);
    },
  });
  keeper.take(entry);
  const isSaved = (await keeper.save()) || (await parking) === true;
  keeper.close();
  return isSaved;
}

/** What is left of a text of which the beginning was added. If that is not its beginning, it was changed since, and all of it stays. */
export const without = (text, added) => (text.startsWith(added) ? text.slice(added.length) : text);

/** Brings everything to the server that closed tabs have left in this browser. Says how much is still here only. */
export async function bringAll(userId) {
  for (const entry of await leftBehind(userId)) {
    if ([...open].some((keeper) => keeper.key === entry.key)) {
      continue; // It stands in the box of this page, which saves it itself.
    }
    if (!isNewest(entry)) {
      continue; // Whoever keeps it has gone on meanwhile, and has brought it away.
    }
    if (!entry.dirty || (await bring(entry))) {
      drop(entry);
      document.dispatchEvent(new CustomEvent("onering:brought"));
    }
  }
  return kept(userId).filter((entry) => entry.dirty).length;
}

// --- Before composer.js is there ---------------------------------------------------------------------------------------------------------------

/** Of each draft with a box that nobody tends yet: what keeps its words, and looks whether the box is there. */
const untended = new Map();

/** Of what is typed into boxes that nobody tends, the words for one draft. */
const wordsFor = (draft, typed) => [...typed].filter(([, entry]) => entry.draft === draft);

const joined = (entries) => entries.map(([, { words }]) => words).join("");

/**
 * Keeps in this browser what is typed into a box before composer.js tends it. If the box goes before that, because its draft was left or
 * its writer lost it, the words are brought to the server.
 * @param typed All that is typed so; of each box its draft and its words.
 */
export function keepTyped(draft, typed) {
  const own = () => wordsFor(draft, typed);
  if (own().length > 0 && !untended.has(draft) && user() !== null) {
    const keeper = new Keeper({ draft, userId: user(), read: () => joined(own()), tell: () => {}, offer: () => {} });
    const watch = setInterval(() => {
      if (document.querySelector(`[data-draft="${draft}"] [data-composer="box"]`) === null) {
        clearInterval(watch);
        keeper.end({ forget: true }).then((isMine) => {
          if (isMine) {
            untended.delete(draft);
            own().forEach(([box]) => typed.delete(box));
          }
        });
      }
    }, LOOK_FOR_BOX);
    untended.set(draft, { keeper, watch });
  }
  untended.get(draft)?.keeper.keep();
}

/**
 * What was typed into the box of a draft before somebody tended it; null if nothing was.
 * @param successor Who keeps the words of that draft on this page from here on, and nobody else.
 */
export function takeUp(draft, typed, successor) {
  const own = wordsFor(draft, typed);
  const before = untended.get(draft);
  if (before) {
    untended.delete(draft);
    clearInterval(before.watch);
    successor.succeed(before.keeper);
    before.keeper.close({ forget: true });
  }
  own.forEach(([box]) => typed.delete(box));
  open.forEach((other) => other !== successor && other.key === successor.key && other.close());
  return own.length > 0 ? joined(own) : null;
}

listen((message) => {
  if (message.leaves === user()) {
    untended.forEach(({ keeper }) => keeper.close({ forget: true }));
  }
});

// --- One text ----------------------------------------------------------------------------------------------------------------------------------

const open = new Set();

/** Whether whoever was signed in on this page has signed out. */
let isLeft = false;

/** Saves what every composer of this page holds. */
export const saveOpen = () => Promise.all([...open].map((keeper) => keeper.save()));

/** Keeps it in this browser, now. */
export const keepOpen = () => open.forEach((keeper) => keeper.keep());

/** Forgets it, because it goes on somewhere else. */
export const forgetOpen = () => open.forEach((keeper) => keeper.close({ forget: true }));

/** Whether this page or this browser has words of a person that the server has not. */
export const hasUnsaved = (userId) => [...open].some((keeper) => keeper.isDirty) || kept(userId).some((entry) => entry.dirty);

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

  /** Under which name this browser keeps the text. */
  get key() {
    return `${PREFIX}:${this.#userId}:${this.#draft}:${tab}`;
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
      localStorage.setItem(`${PREFIX}:${this.#userId}:${this.#draft}:${newId()}`, before);
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
      const change = cut(difference(this.#saved, text), MOST_AT_ONCE);
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
        say({ saved: this.#draft, by: tab, isParked: this.isParked });
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
    return call(`/drafts/${this.#draft}/words`, { textId: this.ensureId(), base: this.#base, ...change, length, page: ownPage(), park: isParked }, keepalive);
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
