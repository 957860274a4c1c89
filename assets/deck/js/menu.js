// The menu with its search, the list of keys, and the buttons that every view has.
(() => {
  "use strict";
  const menu = document.getElementById("menu");
  const list = document.getElementById("menu-list");
  const search = document.getElementById("menu-search");
  const found = document.getElementById("menu-found");
  let entries = [];

  const text = (slide) => [...slide.querySelectorAll(".cell")].map((cell) => cell.textContent).join(" ").toLowerCase();

  function entry(slide, below) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = `#/${slide.id}`;
    link.textContent = slide.dataset.title;
    link.addEventListener("click", () => menu.close());
    item.className = below ? "below" : "";
    item.append(link);
    return { slide, item, link, text: `${slide.dataset.title} ${text(slide)}`.toLowerCase() };
  }

  function fill() {
    if (entries.length) return;
    for (const stack of document.querySelectorAll(".slides > .stack")) {
      [...stack.querySelectorAll(":scope > .slide")].forEach((slide, index) => entries.push(entry(slide, index > 0)));
    }
    list.append(...entries.map(({ item }) => item));
  }

  function narrow() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const one of entries) {
      one.item.hidden = !words.every((word) => one.text.includes(word));
      count += one.item.hidden ? 0 : 1;
    }
    found.textContent = words.length ? `${count} of ${entries.length} slides` : `${entries.length} slides`;
  }

  function openMenu() {
    fill();
    search.value = "";
    narrow();
    const current = deck.stage ? Reveal.getCurrentSlide() : null;
    for (const one of entries) one.slide === current ? one.link.setAttribute("aria-current", "page") : one.link.removeAttribute("aria-current");
    menu.showModal();
    search.focus();
  }

  function theme() {
    deck.remember({ theme: deck.theme() === "dark" ? "light" : "dark" });
    deck.apply();
  }

  const here = () => (deck.stage ? `#${Reveal.getCurrentSlide().id}` : location.hash);
  const go = {
    slides: () => deck.address({ view: null, "print-pdf": null }, `#/${deck.article ? deck.article.current() : deck.goal()}`),
    article: () => deck.address({ view: "article", "print-pdf": null }, here()),
    print: () => deck.address({ view: null, "print-pdf": "" }, ""),
  };

  function leave(name) { // closes dialogs first: the next action may open one
    document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
    deck.actions[name]();
  }

  Object.assign(deck.actions, {
    menu: openMenu,
    theme,
    help: () => document.getElementById("help").showModal(),
    article: () => location.assign(go.article()),
    close: () => undefined,
  });
  addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-go]");
    if (link) { event.preventDefault(); location.assign(go[link.dataset.go]()); return; }
    const name = event.target.closest?.("[data-do]")?.dataset.do;
    if (name === "theme") theme(); // may be pressed again: the dialog stays
    else if (name && name !== "copy" && deck.actions[name]) leave(name);
  });
  addEventListener("keydown", (event) => { // reveal.js would print its stage: paper has a view of its own
    if (!deck.stage || event.key.toLowerCase() !== "p" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    location.assign(`${go.print()}#now`);
  });
  search.addEventListener("input", narrow);
  search.addEventListener("keydown", (event) => {
    const first = entries.find(({ item }) => !item.hidden);
    if (event.key === "Enter" && first) { event.preventDefault(); first.link.click(); }
  });
})();
