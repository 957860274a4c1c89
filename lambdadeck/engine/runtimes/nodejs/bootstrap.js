// The Node.js runtime: loads the handler once, then forever requests an event, calls the handler and returns its answer.
// runtime-api.js talks to the Lambda Runtime API.
'use strict';

const api = require('./runtime-api');
const { named, shape } = require('./errors');
const log = require('./log');
const { call } = require('./call');
const { load } = require('./handler');
const { context } = require('./context');
const { isStreaming, writing } = require('./streaming');

process.on('uncaughtException', (error) => fail('Uncaught Exception', error).then(() => process.exit(129)));
process.on('unhandledRejection', (reason) => fail('Unhandled Promise Rejection',
  named('Runtime.UnhandledPromiseRejection', String(reason), reason)).then(() => process.exit(128)));

async function main() {
  try {
    const handler = await load(process.env.LAMBDA_TASK_ROOT ?? '', process.env._HANDLER ?? '');
    for (;;) await serve(handler, await api.next());
  } catch (error) { // serve() catches what a handler throws, so INIT has failed
    await fail('Init Error', error);
    process.exit(1);
  }
}

/** @type {(handler: Function, invocation: Awaited<ReturnType<typeof api.next>>) => Promise<void>} */
async function serve(handler, { requestId, headers, event }) {
  log.state.requestId = requestId;
  process.env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'] || '';
  const stream = isStreaming(handler) ? api.stream(requestId) : undefined;
  try {
    const answer = await call(stream ? writing(handler, stream) : handler, JSON.parse(event), context(requestId, headers));
    if (!stream) await api.respond(requestId, JSON.stringify(answer === undefined ? null : answer));
  } catch (error) {
    if (!stream) return void (await fail('Invoke Error', error));
    log.failure('Invoke Error', error);
    await api.breakOff(stream, shape(error));
  }
}

/** @type {(title: string, error: unknown) => Promise<unknown>} */
function fail(title, error) {
  log.failure(title, error);
  return api.fail(log.state.requestId, shape(error));
}

main();
