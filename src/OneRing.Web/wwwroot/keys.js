// Single keys for a page: whatever has data-key is clicked by that key, unless somebody types, or has switched the keys off.
const SETTING = "onering.keys";

// Storage may be forbidden; the keys are then on.
export function areOn() {
  try {
    return localStorage.getItem(SETTING) !== "off";
  } catch {
    return true;
  }
}

// Says whether it will be remembered.
export function switchTo(on) {
  try {
    if (on) {
      localStorage.removeItem(SETTING);
    } else {
      localStorage.setItem(SETTING, "off");
    }
    return true;
  } catch {
    return false;
  }
}

export function attach() {
  function press(event) {
    const isTyping = event.target.closest?.("input:not([type='checkbox'], [type='radio']), textarea, select, [contenteditable]");
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing || isTyping || !areOn()) {
      return;
    }
    const target = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === event.key);
    if (target && !target.disabled) {
      event.preventDefault();
      target.click();
    }
  }

  // At once, and not only when the server has heard of it: the next key may come before.
  function heed(event) {
    if (event.target.matches?.("[data-keys-switch]")) {
      switchTo(event.target.checked);
    }
  }

  document.addEventListener("keydown", press);
  document.addEventListener("change", heed, true);
  return {
    detach: () => {
      document.removeEventListener("keydown", press);
      document.removeEventListener("change", heed, true);
    },
  };
}
