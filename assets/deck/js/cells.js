// Code copied by one click; a figure's numbers opened and closed.
(() => {
  "use strict";
  async function copy(button) {
    const code = button.parentElement.querySelector("pre").textContent.replace(/\n+$/, "\n");
    let said = "Copied";
    try {
      await navigator.clipboard.writeText(code);
    } catch { // without permission the browser's older way still works: it copies the selection
      getSelection().selectAllChildren(button.parentElement.querySelector("pre"));
      said = document.execCommand("copy") ? "Copied" : "Selected: press Ctrl-C";
    }
    button.textContent = said;
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  }

  addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-do=copy]");
    if (button) copy(button);
  });

  document.querySelectorAll("details.numbers").forEach((details) => {
    const sheet = details.querySelector(".sheet");
    sheet.tabIndex = 0;
    sheet.setAttribute("role", "region");
    sheet.setAttribute("aria-label", `The numbers of: ${sheet.querySelector("caption").textContent}`);
    details.addEventListener("toggle", () => { if (details.open && deck.stage) sheet.focus(); });
    details.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !details.open) return;
      event.stopPropagation();
      details.open = false;
      details.querySelector("summary").focus();
    });
  });
})();
