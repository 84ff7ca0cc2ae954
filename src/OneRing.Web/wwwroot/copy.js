// Copies what a button names into the clipboard, and says so on the button: data-copy is the id of a field, data-copy-from the address of a text.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (!button) {
    return;
  }

  const field = button.dataset.copy ? document.getElementById(button.dataset.copy) : await fetched(button.dataset.copyFrom);
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    // Not allowed here, as on a bare IP address without https.
    field.select();
    document.execCommand("copy");
  }
  if (!button.dataset.copy) {
    field.remove();
  }
  const words = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => {
    button.textContent = words;
  }, 2000);
});

/** A field outside the window with a text from the server. */
async function fetched(address) {
  const answer = await fetch(address, { cache: "no-store" });
  if (!answer.ok) {
    throw new Error(`The text could not be read: ${answer.status}.`);
  }
  const field = document.createElement("textarea");
  field.className = "sr-only";
  field.value = await answer.text();
  document.body.append(field);
  return field;
}
