// Runs in the exported page: what of the current view cannot be seen whole, or only by scrolling without a key for it.
window.audit = (() => {
  const TOLERANCE = 2;
  const shown = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const clips = (style) => /auto|scroll|hidden|clip/.test(style.overflowX + style.overflowY);
  const scrolls = (style) => /auto|scroll/.test(style.overflowX + style.overflowY);

  function rectangles(node) {
    const range = document.createRange();
    range.selectNodeContents(node);
    return [...range.getClientRects()].filter((r) => r.width > 1 && r.height > 1);
  }

  function things(root) {
    const found = [];
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const parent = walker.currentNode.parentElement;
      if (walker.currentNode.data.trim() && !parent.closest(".aside, .jump, script, style, noscript, option, .copy") && shown(parent)) found.push({ name: walker.currentNode.data.trim().slice(0, 40), element: parent, rects: rectangles(walker.currentNode) });
    }
    root.querySelectorAll("img, svg, input, select, button:not(.copy)").forEach((e) => { if (shown(e)) found.push({ name: `<${e.localName}> ${e.alt ?? e.id ?? ""}`.slice(0, 50), element: e, rects: [e.getBoundingClientRect()] }); });
    return found;
  }

  function hides(element, rect) { // the ancestor that cuts the rectangle, unless a key can scroll it into view
    const reach = { x: false, y: false }; // a focusable scroller further in makes what is beyond its edge reachable
    for (let e = element; e; e = e.parentElement) {
      const style = getComputedStyle(e);
      if (e !== document.documentElement && e !== document.body && !clips(style)) continue;
      const box = e === document.documentElement || e === document.body ? { left: 0, right: innerWidth, top: 0, bottom: innerHeight } : e.getBoundingClientRect();
      const page = e === document.documentElement || e === document.body;
      if (e === document.body) continue;
      const focusable = page || e.tabIndex >= 0 || Boolean(e.querySelector("a, button, input"));
      if (scrolls(style) && focusable || (page && !/hidden|clip/.test(style.overflowY))) {
        if (e.scrollHeight > e.clientHeight) reach.y = true;
        if (e.scrollWidth > e.clientWidth && !page) reach.x = true;
      }
      const x = !reach.x && (rect.left < box.left - TOLERANCE || rect.right > box.right + TOLERANCE);
      const y = !reach.y && (rect.top < box.top - TOLERANCE || rect.bottom > box.bottom + TOLERANCE);
      if (x || y) return `${e.localName}.${e.className} cuts ${x ? "x" : "y"}: ${[rect.left, rect.top, rect.right, rect.bottom].map(Math.round)}`;
    }
    return null;
  }

  const cut = (root) => things(root).flatMap(({ name, element, rects }) => {
    const found = rects.map((rect) => hides(element, rect)).find(Boolean);
    return found ? [`${name}: ${found}`] : [];
  });
  const smallest = (root) => things(root).filter(({ element }) => element.closest("pre, p, li, td, th, blockquote, label")).reduce((least, { name, element, rects }) => {
    // What a line of text measures on the glass: font size times every zoom and transform.
    const scale = element.getBoundingClientRect().height / (element.offsetHeight || 1);
    let zoom = 1;
    for (let e = element; e; e = e.parentElement) zoom *= parseFloat(getComputedStyle(e).zoom) || 1;
    const px = parseFloat(getComputedStyle(element).fontSize) * scale;
    return px < least.px ? { px, name } : least;
  }, { px: Infinity, name: "" });
  return { cut, smallest };
})();
