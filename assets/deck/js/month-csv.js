// A month of an account's functions from two CSV files: lambdadeck/costs/month.py in the page. Nothing leaves the browser.
deck.monthFrom = (() => {
  "use strict";
  /** @typedef {{ name: string, bytes: ArrayBuffer }} CsvFile */
  /** @typedef {[line: number, cells: string[]]} Row */
  /** @typedef {{ line: number, label: string, hour: number, value: number }} Point */

  const METRICS = ["Invocations", "Duration"], LONG = "Label,Timestamp,Value";
  const WIDE = "Timestamp,NAME Invocations,NAME Duration,...";
  const HOUR = 3600e3, MOST_HOURS = 744, LEAST_MS = 0.1, MOST_MS = 910000;
  const TIME = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?)?(?:(Z)|([+-])(\d\d):?(\d\d))?)?$/;
  const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

  /** @type {(file: CsvFile, line: number, what: string) => Error} */
  const wrong = (file, line, what) => new Error(`${file.name}, line ${line}: ${what}`);

  /**
   * Return a number as Python's format code "g" writes it.
   * @type {(value: number, digits: number) => string}
   */
  function general(value, digits) {
    const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
    const power = Number(exponent);
    if (power >= -4 && power < digits) return String(Number(value.toPrecision(digits)));
    return `${Number(mantissa)}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  }

  /** @param {number} hour */
  const named = (hour) => new Date(hour).toISOString().slice(0, 16).replace("T", " ");

  /** @param {string} text */
  function cellsOf(text) {
    const cells = [];
    let cell = "", isQuoted = false;
    for (let at = 0; at < text.length; at++) {
      const letter = text[at];
      if (letter === '"' && isQuoted && text[at + 1] === '"') cell += text[++at];
      else if (letter === '"') isQuoted = !isQuoted;
      else if (letter === "," && !isQuoted) {
        cells.push(cell.trim());
        cell = "";
      } else cell += letter;
    }
    return [...cells, cell.trim()];
  }

  /**
   * Return each line that is not empty, with the number of its last line.
   * @type {(file: CsvFile) => Row[]}
   */
  function rowsOf(file) {
    let text;
    try {
      text = new TextDecoder("utf-8", { fatal: true }).decode(file.bytes);
    } catch {
      throw new Error(`${file.name} is not CSV in UTF-8. Export it again.`);
    }
    /** @type {Row[]} */
    const rows = [];
    let line = 0, quoted = "";
    for (const physical of text.split(/\r\n|\r|\n/)) {
      line += 1;
      quoted = quoted ? `${quoted}\n${physical}` : physical;
      if ((quoted.match(/"/g) ?? []).length % 2) continue; // the quotes end on a later line
      const cells = cellsOf(quoted);
      quoted = "";
      if (cells.some(Boolean)) rows.push([line, cells]);
    }
    return rows;
  }

  /** @type {(file: CsvFile) => Row[]} */
  function withHeader(file) {
    const rows = rowsOf(file);
    return rows.length ? rows : [[1, []]];
  }

  /** @type {(file: CsvFile) => Map<string, { line: number, one: MonthFunction }>} */
  function functionsOf(file) {
    const [[first, header], ...rows] = withHeader(file);
    if (header.map((cell) => cell.toUpperCase()).join() !== "NAME,MB,ARCH") throw wrong(file, first, `the header is "${header.join().slice(0, 80)}". Write NAME,MB,ARCH.`);
    const known = new Map();
    for (const [line, row] of rows) {
      const one = functionOf(file, line, row);
      if (known.has(one.name)) throw wrong(file, line, `${one.name} is in line ${known.get(one.name).line} already. Delete one.`);
      known.set(one.name, { line, one });
    }
    if (!known.size) throw wrong(file, first, "no function follows the header. Write a line for each.");
    return known;
  }

  /** @type {(file: CsvFile, line: number, row: string[]) => MonthFunction} */
  function functionOf(file, line, row) {
    if (row.length !== 3 || !row[0]) throw wrong(file, line, `"${row.join().slice(0, 80)}" is not NAME,MB,ARCH.`);
    const [name, mb, arch] = row;
    if (!/^\d{1,5}$/.test(mb) || Number(mb) < 128 || Number(mb) > 10240) throw wrong(file, line, `MB is "${mb}". Write a whole number from 128 to 10240.`);
    if (arch !== "x86_64" && arch !== "arm64") throw wrong(file, line, `ARCH is "${arch}". Write x86_64 or arm64.`);
    return { name, memory_mb: Number(mb), arch };
  }

  /** @type {(file: CsvFile) => Point[]} */
  function pointsOf(file) {
    const [[first, header], ...rows] = withHeader(file);
    const isLong = header.join() === LONG;
    if (!isLong && (header.length < 2 || header[0] !== "Timestamp")) throw wrong(file, first, `the header is "${header.join().slice(0, 80)}". Write ${WIDE} or ${LONG}.`);
    const twice = isLong ? undefined : header.slice(1).find((label, at, all) => all.indexOf(label) !== at);
    if (twice !== undefined) throw wrong(file, first, `two columns are named "${twice}". Delete one.`);
    return rows.flatMap(([line, row]) => {
      if (row.length !== header.length) throw wrong(file, line, `${row.length} cells, but the header has ${header.length}.`);
      const hour = hourOf(file, line, row[isLong ? 1 : 0]);
      if (isLong) return [{ line, label: row[0], hour, value: numberOf(file, line, row[0], row[2]) }];
      return header.slice(1).map((label, at) => ({ line, label, hour, value: numberOf(file, line, label, row[at + 1] || "0") }));
    });
  }

  /** @type {(file: CsvFile, line: number, text: string) => number} */
  function hourOf(file, line, text) {
    const found = text.replaceAll("/", "-").match(TIME);
    const [year, month, day, hours, minutes, seconds] = (found ?? []).slice(1, 7).map((part) => Number(part ?? 0));
    const local = found && new Date(0).setUTCFullYear(year, month - 1, day) + ((hours * 60 + minutes) * 60 + seconds) * 1000;
    const isDate = local !== null && year > 0 && new Date(local).toISOString().slice(5, 10) === text.replaceAll("/", "-").slice(5, 10) && hours < 24 && minutes < 60 && seconds < 60;
    const offset = found?.[9] ? (found[9] === "-" ? -1 : 1) * (Number(found[10]) * 60 + Number(found[11])) * 60e3 : 0;
    const moment = (local ?? NaN) - offset;
    if (!isDate || moment < -62135596800000) throw wrong(file, line, `"${text}" is not a time. Write an hour like 2026-10-01T00:00:00Z.`);
    if (moment % HOUR || Number(found?.[7] ?? 0)) throw wrong(file, line, `${text} is not the start of an hour. Export with a period of 1 hour (3600 seconds).`);
    return moment;
  }

  /** @type {(file: CsvFile, line: number, label: string, text: string) => number} */
  function numberOf(file, line, label, text) {
    const number = NUMBER.test(text) ? Number(text) : NaN;
    if (number >= 0 && number < Infinity) return number;
    throw wrong(file, line, `"${label}" is "${text}". Write a number, zero or more.`);
  }

  /** @type {(file: CsvFile, points: Point[]) => number[]} */
  function timeline(file, points) {
    const lines = new Map();
    for (const { hour, line } of points) if (!lines.has(hour)) lines.set(hour, line);
    const hours = [...lines.keys()].sort((a, b) => a - b);
    hours.slice(1).forEach((following, at) => {
      const missing = (following - hours[at]) / HOUR - 1;
      if (missing <= 0) return;
      const gap = missing > 1 ? `${missing.toLocaleString("en-US")} hours are` : "an hour is";
      throw wrong(file, lines.get(following), `${gap} missing between ${named(hours[at])} and ${named(following)}. Add them; 0 where nothing ran.`);
    });
    if (hours.length > MOST_HOURS) throw wrong(file, lines.get(hours[MOST_HOURS]), `${hours.length.toLocaleString("en-US")} hours, but a month has ${MOST_HOURS} at most: free tier and tiers start again. Export one month.`);
    return hours;
  }

  /** @type {(file: CsvFile, point: Point, known: Map<string, unknown>, functions: CsvFile) => [name: string, metric: string]} */
  function seriesOf(file, { line, label, value }, known, functions) {
    const at = label.lastIndexOf(" ");
    const [name, metric] = [label.slice(0, Math.max(at, 0)), label.slice(at + 1)];
    if (!METRICS.includes(metric) || !name) throw wrong(file, line, `"${label}" is not a label like "NAME Invocations" or "NAME Duration".`);
    if (!known.has(name)) throw wrong(file, line, `${functions.name} has no function ${name}. Add its line.`);
    if (metric === "Invocations" && !Number.isInteger(value)) throw wrong(file, line, `${general(value, 6)} invocations. Export Invocations as Sum.`);
    return [name, metric];
  }

  /** @param {number[]} values */
  const sum = (values) => values.reduce((total, value) => total + value, 0);

  /** @type {(file: CsvFile, line: number, name: string, series: Map<string, (number | undefined)[]>) => number[][]} */
  function checkedSums(file, line, name, series) {
    for (const metric of METRICS) if (!series.has(`${name} ${metric}`)) throw wrong(file, line, `no hour has "${name} ${metric}". Export it too.`);
    const both = METRICS.map((metric) => Array.from(series.get(`${name} ${metric}`) ?? [], (value) => value ?? 0));
    const [invoked, lasted] = both.map(sum);
    if (!invoked && lasted) throw wrong(file, line, `${name} has a duration, but no invocations. Export both.`);
    const each = lasted / invoked;
    if (invoked && !(each >= LEAST_MS && each <= MOST_MS)) throw wrong(file, line, `${name} takes ${general(each, 3)} ms an invocation. Export Duration as Sum, in milliseconds.`);
    return both;
  }

  /**
   * Return the month of two files; throw an Error that names file and line of what is wrong.
   * @type {Deck["monthFrom"]}
   */
  function read(hoursFile, functionsFile) {
    const known = functionsOf(functionsFile);
    const points = pointsOf(hoursFile);
    if (!points.length) throw wrong(hoursFile, 1, "no hours follow the header. Export the month again.");
    const hours = timeline(hoursFile, points);
    /** @type {Map<string, (number | undefined)[]>} */
    const series = new Map();
    for (const point of points) {
      const key = seriesOf(hoursFile, point, known, functionsFile).join(" ");
      const values = series.get(key) ?? Array(hours.length);
      const at = (point.hour - hours[0]) / HOUR;
      if (values[at] !== undefined) throw wrong(hoursFile, point.line, `"${point.label}" has this hour twice. Delete one.`);
      values[at] = point.value;
      series.set(key, values);
    }
    const both = [...known].map(([name, { line }]) => checkedSums(functionsFile, line, name, series));
    return { functions: [...known.values()].map(({ one }) => one), start: hours[0], invocations: both.map(([calls]) => calls), duration_ms: both.map(([, ms]) => ms) };
  }

  return read;
})();
