// On the page that stands in for another while the database is in trouble: opens the other as soon as there is a chance. A form waits for its person.
(() => {
  const place = document.querySelector("[data-trouble]");
  const wait = Number(place.dataset.wait) * 1000;

  const back = place.querySelector("[data-trouble-back]");
  if (back) {
    back.hidden = false;
    back.addEventListener("click", () => history.back());
  }

  if (place.dataset.trouble === "page") {
    place.querySelector("[data-trouble-next]").textContent = "This page opens by itself as soon as that is over.";
    setTimeout(look, wait);
  }

  async function look() {
    const isReady = await fetch("/readyz", { cache: "no-store", signal: AbortSignal.timeout(5000) }).then((answer) => answer.ok, () => false);
    if (isReady) {
      location.reload();
    } else {
      setTimeout(look, wait);
    }
  }
})();
