// What the server keeps of the words that somebody types and has not added: asking for it, and sending what has changed.

/** UTF-16 code units in one request: far below what a server, a proxy or a hub takes at once. */
const MOST_AT_ONCE = 60_000;

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

/** What the server has of a text, and whether another one is in its place. */
export const find = (draftId, textId) => call(`/drafts/${draftId}/words${textId ? `?text=${textId}` : ""}`);

/** Has what the server has of a text parked. */
export const park = (draftId, textId) => call(`/drafts/${draftId}/words/${textId}/park`, {});

/** Sends what has changed in a text. */
export const send = (draftId, change, isLeaving) => call(`/drafts/${draftId}/words`, change, isLeaving);

/** The stretch in which a text differs from what it was, cut nowhere through a character. */
export function difference(before, now) {
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
export function cut({ start, remove, insert }) {
  if (insert.length <= MOST_AT_ONCE) {
    return { start, remove, insert };
  }
  return { start, remove, insert: insert.slice(0, isHigh(insert, MOST_AT_ONCE - 1) ? MOST_AT_ONCE - 1 : MOST_AT_ONCE) };
}
