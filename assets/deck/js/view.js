// Before the body is read: which view, which colours, how large. The address alone decides, so that it can be shared.
window.deck = (() => {
  "use strict";
  const root = document.documentElement;
  const LEAST_SCALE = 0.6; // below it text would be too small to read: then lines get shorter instead
  const NARROW_PX = 900; // of the stage: pictures go below the words

  const asked = () => new URLSearchParams(location.search);
  const kind = () => asked().get("view") ?? root.dataset.usual; // a lab has no slides: it is an article
  const view = () => (asked().has("print-pdf") ? "print" : kind() === "article" ? "article" : "slides");
  const theme = () => {
    if (view() === "print") return "light"; // paper is white
    const wanted = asked().get("theme");
    if (wanted === "dark" || wanted === "light") return wanted;
    return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  };

  function size() { // the stage in its own pixels: as much as the window holds at this scale
    const scale = Math.max(Math.min(innerWidth / 1280, innerHeight / 720), LEAST_SCALE);
    const bar = Math.max(Math.round(40 * scale), 32);
    return { scale, bar, width: innerWidth / scale, height: (innerHeight - bar) / scale };
  }

  function apply() {
    const { scale, bar, width } = size();
    root.dataset.view = view();
    root.dataset.theme = theme();
    root.style.setProperty("--s", scale);
    root.style.setProperty("--bar", `${bar}px`);
    root.toggleAttribute("data-narrow", width < NARROW_PX);
  }

  // The address with some of its parameters changed (null removes one), and the place in the deck kept.
  function address(changes, hash = location.hash) {
    const next = asked();
    for (const [name, value] of Object.entries(changes)) value === null ? next.delete(name) : next.set(name, value);
    const query = next.toString().replace("print-pdf=", "print-pdf");
    return `${location.pathname}${query ? `?${query}` : ""}${hash}`;
  }

  const remember = (changes) => history.replaceState(history.state, "", address(changes));
  const goal = () => decodeURIComponent(location.hash.replace(/^#\/?/, "")).split("/")[0]; // the slide's id in the address

  apply();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", apply);
  addEventListener("resize", apply);
  return { view, theme, size, apply, asked, address, remember, goal, actions: {} };
})();
