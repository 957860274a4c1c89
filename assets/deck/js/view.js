// Runs before the body is read. Sets view, colors and size. The address alone decides, so it can be shared.
// Where no script runs, the page stays what its markup says: the article.
window.deck = /** @type {Deck} */ ((() => {
  "use strict";
  const root = document.documentElement;
  const LEAST_SCALE = 0.6; // below it text is too small to read; lines get shorter instead
  const NARROW_PX = 900; // width of the stage below which pictures go under the text

  const asked = () => new URLSearchParams(location.search);
  const kind = () => asked().get("view") ?? root.dataset.usual; // a lab has no slides: its usual view is the article
  const view = () => (kind() === "article" ? "article" : asked().has("print-pdf") ? "print" : "slides");
  const theme = () => {
    if (view() === "print") return "light"; // paper is white
    const wanted = asked().get("theme");
    if (wanted === "dark" || wanted === "light") return wanted;
    return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  };

  // The stage in its own pixels: as much as the window holds at this scale.
  function size() {
    const scale = Math.max(Math.min(innerWidth / 1280, innerHeight / 720), LEAST_SCALE);
    const bar = Math.max(Math.round(40 * scale), 32);
    return { scale, bar, width: innerWidth / scale, height: (innerHeight - bar) / scale };
  }

  function apply() {
    const { scale, bar, width } = size();
    root.dataset.scripts = "on";
    root.dataset.view = view();
    root.dataset.theme = theme();
    root.style.setProperty("--s", String(scale));
    root.style.setProperty("--bar", `${bar}px`);
    root.toggleAttribute("data-narrow", width < NARROW_PX && view() !== "print");
  }

  /**
   * Return the address with some parameters changed (null removes one).
   * @param {Record<string, string | null>} changes
   */
  function address(changes, hash = location.hash) {
    const next = asked();
    for (const [name, value] of Object.entries(changes)) value === null ? next.delete(name) : next.set(name, value);
    const query = next.toString().replace("print-pdf=", "print-pdf");
    return `${location.pathname}${query ? `?${query}` : ""}${hash}`;
  }

  /** @type {Deck["remember"]} */
  const remember = (changes) => history.replaceState(history.state, "", address(changes));

  // The slide id in the address; "" if it cannot be read: a stray % is no escape.
  function goal() {
    try {
      return decodeURIComponent(location.hash.replace(/^#\/?/, "")).split(/[/?]/)[0];
    } catch (error) {
      if (error instanceof URIError) return "";
      throw error;
    }
  }

  /** @type {Deck["one"]} */
  function one(selector, within = document) {
    const found = within.querySelector(selector);
    if (!(found instanceof HTMLElement)) throw new Error(`The page has no ${selector}.`);
    return found;
  }

  apply();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", apply);
  addEventListener("resize", apply);
  return { view, theme, size, apply, asked, address, remember, goal, one, actions: {} };
})());
