// Copies code with one click; opens and closes the numbers of a figure.
(() => {
  "use strict";
  /** @param {HTMLElement} button */
  async function copy(button) {
    const listing = deck.one("pre", button.parentElement ?? undefined);
    let said = "Copied";
    try {
      await navigator.clipboard.writeText((listing.textContent ?? "").replace(/\n+$/, "\n"));
    } catch { // not permitted: the browser's older way copies the selection
      getSelection()?.selectAllChildren(listing);
      said = document.execCommand("copy") ? "Copied" : "Selected: press Ctrl-C";
    }
    button.textContent = said;
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  }

  addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-do=copy]");
    if (button instanceof HTMLElement) copy(button);
  });

  // On a slide with a question the code is folded to its last line: a button says how many more there are, and unfolds it.
  for (const source of deck.stage ? document.querySelectorAll(".answered .source") : []) {
    const lines = (source.querySelector("pre")?.textContent ?? "").trimEnd().split("\n").length - 1;
    if (!lines || !source.parentElement?.querySelector(".outputs")) continue;
    const button = Object.assign(document.createElement("button"), { type: "button", className: "more", textContent: `+ ${lines} line${lines > 1 ? "s" : ""}` });
    button.setAttribute("aria-expanded", "false");
    button.addEventListener("click", () => button.setAttribute("aria-expanded", String(source.classList.toggle("whole"))));
    source.append(button);
  }

  deck.letClose = (details) => {
    const sheet = deck.one(".sheet", details);
    sheet.tabIndex = 0;
    sheet.setAttribute("role", "region");
    sheet.setAttribute("aria-label", `The numbers of: ${deck.one("caption", sheet).textContent}`);
    details.addEventListener("toggle", () => { if (details.open && deck.stage) sheet.focus(); });
    details.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !details.open) return;
      event.stopPropagation();
      details.open = false;
      deck.one("summary", details).focus();
    });
  };
  document.querySelectorAll("details.numbers").forEach((one) => deck.letClose(/** @type {HTMLDetailsElement} */ (one)));
})();
