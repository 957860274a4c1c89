// Numbers as people type them and as the panel shows them: lambdadeck/costs/quantities.py in the page.
deck.quantities = (() => {
  "use strict";
  /** @typedef {(value: number) => string} Words */

  /** @type {Words} */
  const short = (value) => value.toLocaleString("en-US", { maximumFractionDigits: 20 });

  /** @type {Words} */
  function count(value) {
    for (const [power, word] of /** @type {const} */ ([[9, "billion"], [6, "million"]])) {
      const scaled = Math.round((value / 10 ** power) * 1000) / 1000;
      if (scaled >= 1 && Number(`${scaled}e${power}`) === value) return `${short(scaled)} ${word}`;
    }
    return short(value);
  }

  /** @type {Words} */
  const time = (value) => (value >= 1000 && Number(`${value / 1000}e3`) === value ? `${short(value / 1000)} s` : `${short(value)} ms`);

  /** @type {Record<string, Words>} */
  const WORDS = {
    count, ms: time, mb: (value) => `${short(value)} MB`, times: (value) => `${short(value)} ×`,
    share: (value) => `${short(Math.round(value * 1e8) / 1e6)}%`, whole: short,
  };

  /** @type {Deck["quantities"]["show"]} */
  const show = ({ kind }, value) => WORDS[kind](value);

  /** @type {Deck["quantities"]["allows"]} */
  const allows = ({ kind, least, most }, value) =>
    value >= least && value <= most && (!["count", "mb", "whole"].includes(kind) || Number.isInteger(value));

  /**
   * Return the number that the text says; throw an Error that tells what to type instead.
   * @type {Deck["quantities"]["read"]}
   */
  function read(tables, quantity, text) {
    const found = text.toLowerCase().match(new RegExp(tables.number));
    const unit = found && tables.units[quantity.kind][found[3]];
    if (!unit) throw new Error(`${quantity.label}: cannot read "${text}". Type ${quantity.example}.`);
    const [multiple, power] = unit;
    const value = Number(`${found[1].replace(/[,_ \u00a0\u202f]/g, "")}e${Number(found[2] ?? 0) + power}`) * multiple;
    if (allows(quantity, value)) return value;
    throw new Error(`${quantity.label}: "${text}" is outside of ${show(quantity, quantity.least)} to ${show(quantity, quantity.most)}.`);
  }

  return { read, show, allows };
})();
