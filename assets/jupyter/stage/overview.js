// All slides by number and title, to go to one: for questions at the end. (Reveal's own overview has no room for slides
// that fill the stage.)
let box, chosen, digits;

const slides = () => [...document.querySelectorAll(".reveal .slides > section > section")];
const title = (slide) => slide.querySelector("h1, h2")?.textContent.replace("¶", "").trim() ?? "";
const items = () => [...box.querySelectorAll("li")];

function choose(number) {
  chosen = Math.min(Math.max(number, 0), items().length - 1);
  items().forEach((item, i) => item.setAttribute("aria-selected", i === chosen));
  items()[chosen].scrollIntoView({ block: "nearest" });
}

export function close() {
  box?.remove();
  box = null;
}

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

const STEP = { ArrowDown: 1, ArrowUp: -1, PageDown: 1, PageUp: -1, ArrowRight: 1, ArrowLeft: -1, " ": 1 };

// Whether the key was the overview's; `go` is told of the slide that was chosen.
export function press(event, go) {
  if (!box) return false;
  const { key } = event;
  if (STEP[key]) choose(chosen + STEP[key]);
  else if (/^\d$/.test(key)) choose(Number((digits = (digits + key).slice(-2))) - 1);
  else if (key === "Enter") {
    go(slides()[chosen]);
    close();
  } else if (key === "Escape" || key === "w") close();
  return true;
}
