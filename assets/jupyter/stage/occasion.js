// Who gives the talk, where and when, on the first slide (scripts/present --speaker, --event, --date).
import * as talk from "./talk.js";

/**
 * Write it below the title, once it is known; JupyterLab may draw the slide again.
 * @param {Element | undefined} slide
 */
export function show(slide) {
  const { speaker, event, date } = talk.now().occasion;
  const heading = slide?.querySelector("h1");
  if (!date || !heading || slide?.querySelector(".occasion")) return;
  const line = Object.assign(document.createElement("p"), { className: "occasion" });
  line.append(Object.assign(document.createElement("strong"), { textContent: speaker }), [event, date].filter(Boolean).join(" · "));
  heading.after(line);
}
