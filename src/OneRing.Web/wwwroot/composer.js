// The text that somebody is writing stays in the browser until it is added: the server hears only whether there is any,
// and reads the whole of it in chunks when asked to. A text area bound to the server would lose a long text.

/** Watches a text area. Tells the page when it becomes empty or stops being empty. */
export function attach(area, counter, limit, page) {
  let hadText = false;

  const look = () => {
    const length = [...area.value].length; // Unicode scalar values, as the server counts
    const over = length - limit;
    counter.textContent = over > 0
      ? `${length.toLocaleString("en")} of ${limit.toLocaleString("en")} characters: ${over.toLocaleString("en")} too many`
      : `${length.toLocaleString("en")} of ${limit.toLocaleString("en")} characters`;
    area.setAttribute("aria-invalid", over > 0 ? "true" : "false");

    const hasText = area.value.trim().length > 0;
    if (hasText !== hadText) {
      hadText = hasText;
      page.invokeMethodAsync("HasTextChangedAsync", hasText).catch(() => {
        // The circuit is gone; whoever attaches next is told anew.
      });
    }
  };

  area.addEventListener("input", look);
  look();

  return {
    /** The text as UTF-16 code units, so that not even half a character is changed on the way. */
    read() {
      const units = new Uint16Array(area.value.length);
      for (let i = 0; i < units.length; i++) {
        units[i] = area.value.charCodeAt(i);
      }
      return new Uint8Array(units.buffer);
    },

    /** Takes away what was added, from the beginning; what was typed since then stays. */
    clear(length) {
      area.value = area.value.slice(length);
      look();
    },

    detach() {
      area.removeEventListener("input", look);
    },
  };
}
