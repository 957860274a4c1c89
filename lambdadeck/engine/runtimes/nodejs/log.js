// The log format of console.log and of errors: time, request id, level, text, separated by tabs.
'use strict';

const { format } = require('util');

/** @type {{ requestId: string | undefined }} */
const state = { requestId: undefined };
const asJson = process.env.AWS_LAMBDA_LOG_FORMAT === 'JSON';
/** @type {Record<string, string>} */
const LEVELS = { trace: 'TRACE', debug: 'DEBUG', log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR' };

/** @type {(level: string, message: string) => string} */
function line(level, message) {
  const time = new Date().toISOString();
  if (asJson) return JSON.stringify({ timestamp: time, level, requestId: state.requestId, message });
  return `${time}\t${state.requestId}\t${level}\t${message}`.replace(/\n/g, '\r'); // one event, many lines
}

for (const [method, level] of Object.entries(LEVELS)) {
  Object.assign(console, { [method]: (/** @type {unknown[]} */ ...values) => process.stdout.write(line(level, format(...values)) + '\n') });
}

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

/** @type {(title: string, error: unknown) => void} */
function failure(title, error) {
  const { trace, ...described } = shape(error);
  process.stdout.write(line('ERROR', `${title} \t${JSON.stringify({ ...described, stack: trace })}`) + '\n');
}

module.exports = { state, shape, named, failure };
