// Says how long ago something was, and goes on saying it. The server sends the date, which never changes: so a text stays as it is in every page, and nothing is sent again each
// minute that somebody may be reading, marking or having read out.

(() => {
  const MINUTE = 60_000;
  const HOUR = 60 * MINUTE;
  const DAY = 24 * HOUR;

  /** From then on the date says more. */
  const DATED = 14 * DAY;

  /** How far the clock of this browser is ahead of the server's, which gave the times. */
  const ahead = Date.now() - Date.parse(document.querySelector('meta[name="now"]').content);

  const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"} ago`;

  function ago(span) {
    return span < MINUTE ? "just now"
      : span < HOUR ? count(Math.floor(span / MINUTE), "minute")
      : span < DAY ? count(Math.floor(span / HOUR), "hour")
      : span < DATED ? count(Math.floor(span / DAY), "day")
      : null;
  }

  function say(time) {
    const words = ago(Date.now() - ahead - Date.parse(time.dateTime)) ?? time.dataset.ago;
    if (time.textContent !== words) {
      time.textContent = words;
    }
  }

  const sayAll = () => document.querySelectorAll("time[data-ago]").forEach(say);

  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      for (const added of addedNodes) {
        if (added.nodeType === Node.ELEMENT_NODE) {
          if (added.matches("time[data-ago]")) {
            say(added);
          }
          added.querySelectorAll("time[data-ago]").forEach(say);
        }
      }
    }
  }).observe(document.documentElement, { childList: true, subtree: true });
  document.addEventListener("readystatechange", sayAll); // A document that is still arriving may bring the place before the date in it.
  setInterval(sayAll, MINUTE);
  document.addEventListener("visibilitychange", sayAll); // A tab that is out of sight counts late.
})();
