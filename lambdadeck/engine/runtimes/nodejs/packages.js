// Packages besides the function's own: import finds what NODE_PATH names only with a hook. AWS's runtimes have one from Node.js 18 on.
'use strict';

const fs = require('fs');
const module_ = require('module');
const path = require('path');
const { pathToFileURL } = require('url');

/** @param {string} folder */
const holdsPackages = (folder) => path.basename(folder) === 'node_modules' && fs.existsSync(folder)
  && fs.readdirSync(folder).some((name) => !name.startsWith('.'));

// Import a function's file, which may import packages from layers or AWS's SDK for JavaScript; without any, this costs nothing.
/** @type {(file: string) => Promise<any>} */
function imported(file) {
  const data = (process.env.NODE_PATH ?? '').split(path.delimiter).filter(holdsPackages);
  if (data.length && module_.register) module_.register('./resolve.mjs', { parentURL: pathToFileURL(__filename).href, data });
  return import(pathToFileURL(file).href);
}

/** @type {(message: string) => string} */
function advice(message) {
  const [, name] = /'(@aws-sdk\/[^']+)'/.exec(message) ?? [];
  if (!name) return '';
  return ` (AWS's Node.js runtimes hold AWS's SDK for JavaScript. Here, run scripts/javascript-sdk once; if it lacks ${name}, pack that with the function.)`;
}

module.exports = { imported, advice };
