// Finds the handler: "src/app.handler" is the export named handler of src/app.js (or .mjs, .cjs).
'use strict';

const fs = require('fs');
const path = require('path');
const { named } = require('./errors');
const { advice, imported } = require('./packages');
const { isStreaming } = require('./streaming');
const { callsBack } = require('./versions');

/** @type {(root: string, name: string) => Promise<Function>} */
async function load(root, name) {
  const [, folder, file, exported] = /^(.*\/)?([^/.]+)\.(.+)$/.exec(name) || [];
  if (!exported) throw named('Runtime.MalformedHandlerName', `Bad handler ${name}: it has to be file.export.`);
  const module = await open(find(path.join(root, folder || '', file)));
  const handler = exported.split('.').reduce((value, key) => value && value[key], module);
  if (typeof handler !== 'function') {
    throw named('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  }
  if (handler.length > 2 && !isStreaming(handler) && !callsBack) {
    throw named('Runtime.CallbackHandlerDeprecated', 'From nodejs24.x on a handler cannot call back: make it async.');
  }
  return handler;
}

/** @param {string} base */
function find(base) {
  const file = ['', '.js', '.mjs', '.cjs'].map((end) => base + end).find((name) => fs.existsSync(name));
  if (!file) throw named('Runtime.ImportModuleError', `Error: Cannot find module '${path.basename(base)}'`);
  return file;
}

/** @param {string} file */
async function open(file) {
  try {
    return isModule(file) ? await imported(file) : require(file);
  } catch (error) {
    if (error instanceof SyntaxError) throw named('Runtime.UserCodeSyntaxError', String(error), error);
    if (!(error instanceof Error && 'code' in error && /^(ERR_)?MODULE_NOT_FOUND$/.test(String(error.code)))) throw error;
    throw named('Runtime.ImportModuleError', String(error) + advice(error.message), error);
  }
}

/**
 * Decide as Node.js does: by the file's extension, else by the nearest package.json.
 * @param {string} file
 */
function isModule(file) {
  if (!file.endsWith('.js')) return file.endsWith('.mjs');
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const described = path.join(folder, 'package.json');
    if (fs.existsSync(described)) return JSON.parse(fs.readFileSync(described, 'utf8')).type === 'module';
    if (folder === path.dirname(folder)) return false;
  }
}

module.exports = { load };
