// What console.log and failures look like in a function's log: time, request, level, text, with tabs between them.
'use strict';

const { format } = require('util');

const state = { requestId: undefined };
const asJson = process.env.AWS_LAMBDA_LOG_FORMAT === 'JSON';
const LEVELS = { trace: 'TRACE', debug: 'DEBUG', log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR' };

function line(level, message) {
  const time = new Date().toISOString();
  if (asJson) return JSON.stringify({ timestamp: time, level, requestId: state.requestId, message });
  return `${time}\t${state.requestId}\t${level}\t${message}`.replace(/\n/g, '\r'); // one event, many lines
}

for (const [method, level] of Object.entries(LEVELS)) {
  console[method] = (...values) => process.stdout.write(line(level, format(...values)) + '\n');
}

// An error in the shape in which Lambda reports it; anything can be thrown, so anything has a shape.
function shape(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack || '').split('\n') };
}

function named(name, message, cause) {
  const error = Object.assign(new Error(message), { name });
  error.stack = `${name}: ${message}\n${cause instanceof Error ? cause.stack : error.stack.split('\n').slice(1).join('\n')}`;
  return error;
}

function failure(title, error) {
  const { trace, ...described } = shape(error);
  process.stdout.write(line('ERROR', `${title} \t${JSON.stringify({ ...described, stack: trace })}`) + '\n');
}

module.exports = { state, shape, named, failure };
