// All slides by number and title, to jump to one: for questions at the end. Reveal's own overview cannot show slides that
// fill the stage.
/** @type {HTMLElement | null} */
let box = null;
let chosen = 0; // index of the slide
let digits = "";

const slides = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".reveal .slides > section > section")]);
/** @param {Element} slide */
const title = (slide) => slide.querySelector("h1, h2")?.textContent.replace("¶", "").trim() ?? "";
const items = () => [...(box?.querySelectorAll("li") ?? [])];

/** @param {number} number */
function choose(number) {
  chosen = Math.min(Math.max(number, 0), items().length - 1);
  items().forEach((item, i) => item.setAttribute("aria-selected", String(i === chosen)));
  items()[chosen].scrollIntoView({ block: "nearest" });
}

export function close() {
  box?.remove();
  box = null;
}

/** @param {SlideShow} deck */
export function open(deck) {
  const all = slides();
  box = document.createElement("div");
  box.id = "stage-overview";
  box.innerHTML = `<ol role="listbox" aria-label="All slides">${all.map(() => "<li role='option'></li>").join("")}</ol>`;
  items().forEach((item, i) => {
    item.textContent = `${i + 1}\u2002${title(all[i])}`;
    item.classList.toggle("section", all[i].previousElementSibling === null);
  });
  document.body.append(box);
  digits = "";
  choose(all.indexOf(deck.slide()));
}

/** @type {Record<string, number>} */
const STEP = { ArrowDown: 1, ArrowUp: -1, PageDown: 1, PageUp: -1, ArrowRight: 1, ArrowLeft: -1, " ": 1 };

/**
 * Handle a key while the overview is open; return false if it is closed. Enter calls `go` with the chosen slide.
 * @type {(event: KeyboardEvent, go: (slide: HTMLElement) => void) => boolean}
 */
export function press({ key }, go) {
  if (!box) return false;
  if (STEP[key]) choose(chosen + STEP[key]);
  else if (/^\d$/.test(key)) {
    digits = (digits + key).slice(-2);
    choose(Number(digits) - 1);
  } else if (key === "Enter") {
    go(slides()[chosen]);
    close();
  } else if (key === "Escape" || key === "w") close();
  return true;
}
