// What this browser keeps of the words that somebody types and has not added, and what its tabs tell each other. Each text is kept for one person,
// one draft and one tab.

const PREFIX = "onering.words";
const TAB = "onering.tab";
const BROWSER = "onering.browser";

const ANSWER_WITHIN = 120;

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

/** A tab keeps its name when it is loaded again, so that it finds its own words. One that was duplicated gets a name of its own. */
export let tab = remembered(sessionStorage, TAB);

export const isFromThisBrowser = (page) => page.split("/")[0] === browser;

export const ownPage = () => `${browser}/${tab}`;

/** Who is signed in on this page; null if nobody is. */
export const user = () => document.querySelector("form[data-user]")?.dataset.user ?? null;

// --- What is kept ------------------------------------------------------------------------------------------------------------------------------

/** Under which name a text is kept: by this tab, or by nobody who is there. */
export const keyOf = (userId, draftId, of = tab) => `${PREFIX}:${userId}:${draftId}:${of}`;

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
export const isNewest = (entry) => localStorage.getItem(entry.key) === entry.stored;

/** Removes what was kept, unless something newer is kept in its place by now. */
export function drop(entry) {
  if (isNewest(entry)) {
    localStorage.removeItem(entry.key);
  }
}

/** Removes everything that this browser keeps for a person. */
export function dropAll(userId) {
  kept(userId).forEach(drop);
  sessionStorage.removeItem("onering.carry");
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(`onering.goal:${userId}:`)) {
      localStorage.removeItem(key);
    }
  }
}

// --- Between the tabs --------------------------------------------------------------------------------------------------------------------------

const channel = "BroadcastChannel" in self ? new BroadcastChannel(PREFIX) : null;
const listeners = new Set();

channel?.addEventListener("message", ({ data }) => listeners.forEach((listen) => listen(data)));

/** Calls back for what other tabs say; answers how to stop. */
export function listen(callback) {
  listeners.add(callback);
  return () => listeners.delete(callback);
}

/** Says something to the other tabs. */
export const say = (message) => channel?.postMessage(message);

/** The other tabs in which somebody has a draft open. */
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
  // What is typed while the others are asked is no such thing. It takes the place of what this tab has left, which is kept under another name from then on.
  const left = new Set(kept(userId, draftId).map((entry) => entry.stored));
  const others = await othersOpen();
  return kept(userId, draftId).filter((entry) => left.has(entry.stored) && !others.has(entry.tab));
}
