// All slides by number and title, to jump to one: for questions. Reveal's own overview cannot show slides that fill the
// stage. The presenter's console shows the same list, and there the room does not see it.
/** @type {HTMLElement | null} */
let box = null;
let chosen = 0; // index of the slide
let digits = "";

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

/** @type {(stops: { title: string, isSection: boolean, isOff?: boolean }[], at: number) => void} */
export function open(stops, at) {
  box = document.createElement("div");
  box.id = "stage-overview";
  box.innerHTML = `<ol role="listbox" aria-label="All slides">${stops.map(() => "<li role='option'></li>").join("")}</ol>`;
  items().forEach((item, i) => {
    item.textContent = `${i + 1}\u2002${stops[i].title}`;
    item.classList.toggle("section", stops[i].isSection);
    item.classList.toggle("off", Boolean(stops[i].isOff));
  });
  document.body.append(box);
  digits = "";
  choose(at);
}

/** @type {Record<string, number>} */
const STEP = { ArrowDown: 1, ArrowUp: -1, PageDown: 1, PageUp: -1, ArrowRight: 1, ArrowLeft: -1, " ": 1 };

/**
 * Handle a key while the list is open; return false if it is closed. Enter calls `go` with the index of the chosen slide.
 * @type {(event: KeyboardEvent, go: (index: number) => void) => boolean}
 */
export function press({ key }, go) {
  if (!box) return false;
  if (STEP[key]) choose(chosen + STEP[key]);
  else if (/^\d$/.test(key)) {
    digits = (digits + key).slice(-2);
    choose(Number(digits) - 1);
  } else if (key === "Enter") {
    go(chosen);
    close();
  } else if (key === "Escape" || key === "w") close();
  return true;
}
