// What a page does with all the words that somebody types and has not added: it brings away what closed tabs have left, keeps what is typed before a
// box is tended, and forgets.

import { Keeper, endKeeping, open } from "./keeper.js";
import { drop, dropAll, isNewest, kept, leftBehind, listen, user } from "./kept.js";

export { forgetOpen, keepOpen, saveOpen } from "./keeper.js";
export { say, user } from "./kept.js";

/** How often it is looked whether a box is still there that nobody tends. */
const LOOK_FOR_BOX = 1_000;

/** Whether this page or this browser has words of a person that the server has not. */
export const hasUnsaved = (userId) => [...open].some((keeper) => keeper.isDirty) || kept(userId).some((entry) => entry.dirty);

/** Forgets everything that this browser keeps for a person. This page keeps nothing from here on. */
export function forget(userId) {
  endKeeping();
  dropAll(userId);
}

/** Brings what a closed tab left to the server, where it is parked unless it stands in the box there. Says whether nothing of it is here only. */
async function bring(entry) {
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

let bringing = Promise.resolve();

/** Acts after whatever was to act before, on this page and, where the browser lets pages wait for each other, in all tabs: who brings the same words at once parks them twice. */
function inTurn(act) {
  const next = () => (navigator.locks ? navigator.locks.request("onering.bring", act) : act());
  return (bringing = bringing.then(next, next));
}

/** Brings what a closed tab left to the server, unless somebody else has, and keeps it here no longer. Says whether it has gone. */
export function bringAway(entry) {
  return inTurn(async () => {
    if (!isNewest(entry)) {
      return false; // Somebody has brought it away, or has gone on with it.
    }
    if (entry.dirty && !(await bring(entry))) {
      return false;
    }
    drop(entry);
    return true;
  });
}

/** Brings everything to the server that closed tabs have left in this browser. Says how much is still here only. */
export async function bringAll(userId) {
  for (const entry of await leftBehind(userId)) {
    // What stands in the box of this page is saved by that.
    if (![...open].some((keeper) => keeper.key === entry.key) && (await bringAway(entry))) {
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
