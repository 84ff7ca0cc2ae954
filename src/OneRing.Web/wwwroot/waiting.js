// How many things wait for a person: in the tab's title and on the app's icon. And what is new, told by the browser to those who switched that on.
const SETTING = "onering.notices";
const PREFIX = /^\(\d+\) /;

let count = 0;

// Answers whether this page tells what is new: nobody needs to be told of what they see.
export function show(waiting) {
  count = waiting;
  mark();
  // Only an installed app has an icon; elsewhere nothing happens, or the browser refuses.
  (count > 0 ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.())?.catch(() => {});
  return document.hidden && isOn();
}

// Blazor keeps writing to the text it made, so that text is changed and not replaced: a new one it would never find.
function mark() {
  const text = [...(document.querySelector("head > title")?.childNodes ?? [])].find((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== "");
  if (text) {
    const bare = text.data.replace(PREFIX, "");
    const marked = count > 0 ? `(${count}) ${bare}` : bare;
    if (text.data !== marked) {
      text.data = marked;
    }
  }
}

new MutationObserver(mark).observe(document.head, { childList: true, characterData: true, subtree: true });

// Storage may be forbidden; then nothing is told.
function isOn() {
  try {
    return "Notification" in window && Notification.permission === "granted" && localStorage.getItem(SETTING) === "on";
  } catch {
    return false;
  }
}

function remember(on) {
  try {
    if (on) {
      localStorage.setItem(SETTING, "on");
    } else {
      localStorage.removeItem(SETTING);
    }
  } catch {}
}

export function tell({ id, title, body, path }) {
  try {
    // Several tabs tell the same; with one name they are one.
    const notice = new Notification(title, { body, tag: id, icon: "/favicon.svg" });
    notice.onclick = () => {
      focus();
      notice.close();
      Blazor.navigateTo(path);
    };
  } catch {
    // Some browsers want a service worker for it.
  }
}

export function showSwitch() {
  const place = document.querySelector("[data-notices]");
  if (place && "Notification" in window) {
    place.hidden = false;
    place.querySelector("button").setAttribute("aria-pressed", String(isOn()));
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-notices] button");
  if (!button) {
    return;
  }
  const on = !isOn();
  const leave = on ? await Notification.requestPermission() : "granted";
  remember(on && leave === "granted");
  showSwitch();
  button.parentElement.querySelector("[role='status']").textContent =
    leave === "denied" ? "Your browser does not let this site tell you anything. You can change that in its settings." : "";
});
