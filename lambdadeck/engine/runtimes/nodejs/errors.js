// Errors as Lambda reports them.
'use strict';

/**
 * Return an error as Lambda reports it. Anything can be thrown.
 * @param {unknown} error
 */
function shape(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack || '').split('\n') };
}

/** @type {(name: string, message: string, cause?: unknown) => Error} */
function named(name, message, cause) {
  const error = Object.assign(new Error(message), { name });
  error.stack = `${name}: ${message}\n${cause instanceof Error ? cause.stack : (error.stack ?? '').split('\n').slice(1).join('\n')}`;
  return error;
}

module.exports = { shape, named };
