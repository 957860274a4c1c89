// node stdlib.js FOLDER TARGET: starts the Pyodide of a folder, and runs stdlib.py in it.
"use strict";
const { readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

async function main() {
  const [folder = "", target = ""] = process.argv.slice(2);
  const { loadPyodide } = require(join(folder, "pyodide.js"));
  const python = await loadPyodide({ indexURL: `${folder}/` });
  python.runPython(readFileSync(join(__dirname, "stdlib.py"), "utf8"));
  python.runPython('compiled(Path("/lib/python314.zip"), Path("/compiled.zip"))');
  writeFileSync(target, python.FS.readFile("/compiled.zip"));
}

main();
