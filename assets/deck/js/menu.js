// The menu with its search, the list of keys, and the buttons that every view has.
(() => {
  "use strict";
  /** @typedef {{ slide: HTMLElement, item: HTMLLIElement, link: HTMLAnchorElement, text: string }} Entry */

  const menu = /** @type {HTMLDialogElement} */ (deck.one("#menu"));
  const help = /** @type {HTMLDialogElement} */ (deck.one("#help"));
  const search = /** @type {HTMLInputElement} */ (deck.one("#menu-search"));
  /** @type {Entry[]} */
  let entries = [];

  /** @type {(slide: HTMLElement) => Entry} */
  function entry(slide) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    const title = slide.dataset.title ?? "";
    const cells = [...slide.querySelectorAll(".cell")].map((cell) => cell.textContent);
    link.href = `#/${slide.id}`;
    link.textContent = title;
    link.addEventListener("click", () => menu.close());
    item.className = slide.parentElement?.querySelector(":scope > .slide") === slide ? "" : "below";
    item.append(link);
    return { slide, item, link, text: [title, ...cells].join(" ").toLowerCase() };
  }

  function fill() {
    if (entries.length) return;
    const slides = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".slides > .stack > .slide"));
    entries = [...slides].map(entry);
    deck.one("#menu-list").append(...entries.map(({ item }) => item));
  }

  function narrow() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const { item, text } of entries) item.hidden = !words.every((word) => text.includes(word));
    const count = entries.filter(({ item }) => !item.hidden).length;
    deck.one("#menu-found").textContent = words.length ? `${count} of ${entries.length} slides` : `${entries.length} slides`;
  }

  function openMenu() {
    fill();
    search.value = "";
    narrow();
    const current = deck.stage ? Reveal.getCurrentSlide() : null;
    for (const { slide, link } of entries) slide === current ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
    menu.showModal();
    search.focus();
  }

  function theme() {
    deck.remember({ theme: deck.theme() === "dark" ? "light" : "dark" });
    deck.apply();
  }

  const here = () => (deck.stage ? `#${Reveal.getCurrentSlide().id}` : location.hash);
  /** @type {Record<string, () => string>} By the name in a link's data-go: the address of that view. */
  const views = {
    slides: () => deck.address({ view: null, "print-pdf": null }, `#/${deck.article ? deck.article.current() : deck.goal()}`),
    article: () => deck.address({ view: "article", "print-pdf": null }, here()),
  };

  function closeDialogs() {
    const open = /** @type {NodeListOf<HTMLDialogElement>} */ (document.querySelectorAll("dialog[open]"));
    open.forEach((dialog) => dialog.close());
  }

  Object.assign(deck.actions, {
    menu: openMenu,
    theme,
    help: () => help.showModal(),
    article: () => location.assign(views.article()),
    print: () => print(),
    close: () => undefined,
  });
  addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const link = event.target.closest("[data-go]");
    if (link instanceof HTMLElement) {
      event.preventDefault();
      location.assign(views[link.dataset.go ?? ""]());
      return;
    }
    const name = event.target.closest("[data-do]")?.getAttribute("data-do") ?? "";
    if (name === "copy" || !deck.actions[name]) return;
    if (name !== "theme") closeDialogs(); // the action may open another; the theme may be switched again
    deck.actions[name]();
  });
  search.addEventListener("input", narrow);
  search.addEventListener("keydown", (event) => {
    const first = entries.find(({ item }) => !item.hidden);
    if (event.key === "Enter" && first) { event.preventDefault(); first.link.click(); }
  });
})();
