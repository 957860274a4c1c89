// Money and counts for people to read: lambdadeck/shared/formatting.py in the page.
deck.formatting = (() => {
  "use strict";
  /**
   * Round as Python's round() does: an exact tie goes to the even neighbor.
   * @type {(number: number, digits: number) => number}
   */
  function rounded(number, digits) {
    if (digits < 0) {
      const factor = 10 ** -digits;
      const low = Math.floor(number / factor);
      const rest = number / factor - low;
      return (rest === 0.5 ? low + (low % 2) : Math.round(number / factor)) * factor;
    }
    const text = number.toFixed(digits);
    const [whole, fraction] = number.toFixed(100).split("."); // all digits of a double
    if (!/^50*$/.test(fraction.slice(digits))) return Number(text);
    const low = `${whole}.${fraction.slice(0, digits)}`;
    return Number(low.at(-1) === "." ? whole : low) + (Number(low.replace(/\D/g, "").at(-1)) % 2) * 10 ** -digits;
  }

  /** @type {(number: number, digits: number) => string} */
  function grouped(number, digits) {
    return rounded(number, digits).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  }

  /**
   * Return two significant figures below 100, three above, without trailing zeros.
   * @param {number} number
   */
  function significant(number) {
    if (number === 0) return "0";
    const digits = (number < 99.5 ? 2 : 3) - 1 - Math.floor(Math.log10(number));
    if (digits <= 0) return grouped(rounded(number, digits), 0);
    return grouped(number, Math.min(digits, 20)).replace(/\.?0+$/, "");
  }

  /** @param {number} usd */
  function amount(usd) {
    if (usd < 0.995) {
      const cents = significant(usd * 100);
      return cents === "1" ? "1 cent" : `${cents} cents`;
    }
    return usd < 99.995 ? `$${grouped(usd, 2)}` : `$${grouped(usd, 0)}`;
  }

  const MULTIPLES = /** @type {const} */ ([[1, ""], [1e6, " for a million"], [1e9, " for a billion"]]);
  const UNITS = /** @type {const} */ ([[1e9, "billion"], [1e6, "million"]]);

  /** @type {Deck["formatting"]["usd"]} */
  function usd(value) {
    if (Number.isNaN(value)) return "unknown";
    if (value < 0) return `-${usd(-value)}`;
    if (value === Infinity) return "without limit";
    if (value === 0) return "$0";
    for (const [times, tail] of MULTIPLES) {
      if (value * times >= 0.0001) return amount(value * times) + tail;
    }
    return "less than 0.01 cents for a billion";
  }

  /** @type {Deck["formatting"]["count"]} */
  function count(value) {
    if (!Number.isFinite(value)) return Number.isNaN(value) ? "unknown" : "without limit";
    for (const [scale, word] of UNITS) {
      if (value >= scale * 0.9995) return `${significant(value / scale)} ${word}`;
    }
    return significant(value);
  }

  return { usd, count, rounded };
})();
