// Who gives the talk, where and when, on the first slide (scripts/present --speaker, --event, --date).
import * as talk from "./talk.js";

/** @param {Element | undefined} slide */
function show(slide) {
  const { speaker, event, date } = talk.now().occasion;
  const heading = slide?.querySelector("h1");
  if (!heading || slide?.querySelector(".occasion")) return;
  const line = Object.assign(document.createElement("p"), { className: "occasion" });
  line.append(Object.assign(document.createElement("strong"), { textContent: speaker }), [event, date].filter(Boolean).join(" · "));
  heading.after(line);
}

/**
 * Show it now and each time the slide is drawn: JupyterLab draws it after the deck is on stage.
 * @type {(deck: SlideShow, first: () => HTMLElement | undefined) => void}
 */
export function watch(deck, first) {
  new MutationObserver(() => show(first())).observe(deck.root(), { childList: true, subtree: true });
  show(first());
}
