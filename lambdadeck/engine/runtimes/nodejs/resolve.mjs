// The hook of packages.js: import looks into these folders, too, after it has looked as usual.
import path from 'path';
import { pathToFileURL } from 'url';

/** @type {string[]} */
let folders = [];

/** @type {import('module').InitializeHook<string[]>} */
export function initialize(data) {
  folders = data;
}

/** @type {import('module').ResolveHook} */
export async function resolve(specifier, context, next) {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (!isMissing(error) || !/^[^./]/.test(specifier)) throw error;
    return fromFolders(error, folders, (parentURL) => next(specifier, { ...context, parentURL }));
  }
}

/** @type {<T>(missing: unknown, places: string[], look: (parentURL: string) => T | Promise<T>) => Promise<T>} */
async function fromFolders(missing, [place, ...rest], look) {
  if (!place) throw missing;
  try {
    return await look(pathToFileURL(path.join(place, '..', 'any.mjs')).href);
  } catch (error) {
    if (!isMissing(error)) throw error;
    return fromFolders(missing, rest, look);
  }
}

/** @param {unknown} error */
function isMissing(error) {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
}
