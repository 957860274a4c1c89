// The log format of console.log and of errors: time, request id, level, text, separated by tabs.
'use strict';

const { format } = require('util');
const { shape } = require('./errors');

/** @type {{ requestId: string | undefined }} */
const state = { requestId: undefined };
const asJson = process.env.AWS_LAMBDA_LOG_FORMAT === 'JSON';
/** @type {Record<string, string>} */
const LEVELS = { trace: 'TRACE', debug: 'DEBUG', log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR' };

/** @type {(level: string, values: unknown[]) => string} */
function line(level, values) {
  const time = new Date().toISOString();
  if (asJson) return jsonLine({ timestamp: time, level, requestId: state.requestId }, values);
  return `${time}\t${state.requestId}\t${level}\t${format(...values)}`.replace(/\n/g, '\r'); // one event, many lines
}

/**
 * One value is the message itself; of several, the first error adds its fields. Amazon's client does the same.
 * @param {object} start @param {unknown[]} values
 */
function jsonLine(start, values) {
  if (values.length === 1) {
    try {
      return JSON.stringify({ ...start, message: values[0] }, (_, value) => (value instanceof Error ? { ...fields(value), ...value } : value));
    } catch {} // it refers to itself, or holds a BigInt
  }
  const error = values.length > 1 && values.find((value) => value instanceof Error);
  return JSON.stringify({ ...start, message: format(...values), ...(error ? fields(error) : {}) });
}

/** @param {Error} error */
function fields(error) {
  return { errorType: error.constructor.name, errorMessage: error.message, stackTrace: (error.stack || '').split('\n') };
}

const ORDER = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const least = ORDER.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL ?? 'TRACE');

for (const [method, level] of Object.entries(LEVELS)) {
  const write = (/** @type {unknown[]} */ ...values) => process.stdout.write(line(level, values) + '\n');
  Object.assign(console, { [method]: ORDER.indexOf(level) < least ? () => {} : write });
}

/** @type {(title: string, error: unknown) => void} */
function failure(title, error) {
  const { trace, ...rest } = shape(error);
  const text = `${title} \t${JSON.stringify({ ...rest, stack: trace })}`;
  process.stdout.write(line('ERROR', asJson ? [{ ...rest, stackTrace: trace }] : [text]) + '\n');
}

module.exports = { state, failure };
