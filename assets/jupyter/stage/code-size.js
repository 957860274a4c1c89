// Bigger and smaller code: a factor for code and its output, kept as long as the tab is open.
const SIZES = [0.7, 0.8, 0.9, 1, 1.15, 1.3, 1.5, 1.75, 2];
const NAME = "lambdadeck-code-size";

export const now = () => Number(sessionStorage.getItem(NAME)) || 1;

export function apply(size = now()) {
  document.documentElement.style.setProperty("--code-size", String(size));
  sessionStorage.setItem(NAME, String(size));
  return size;
}

/**
 * Go so many sizes up (negative: down; 0: back to normal); return the new size.
 * @param {number} by
 */
export function step(by) {
  const at = SIZES.indexOf(now());
  return apply(by === 0 ? 1 : SIZES[Math.min(Math.max(at + by, 0), SIZES.length - 1)]);
}
