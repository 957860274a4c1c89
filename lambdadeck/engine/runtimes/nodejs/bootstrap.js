// The Node.js runtime: loads the handler once, then forever requests an event, calls the handler and returns its answer.
// runtime-api.js talks to the Lambda Runtime API.
'use strict';

const api = require('./runtime-api');
const log = require('./log');
const { load } = require('./handler');
const { context } = require('./context');

let whenIdle = () => {}; // called when the event loop is empty
process.on('beforeExit', () => whenIdle());
process.on('uncaughtException', (error) => fail('Uncaught Exception', error).then(() => process.exit(129)));
process.on('unhandledRejection', (reason) => fail('Unhandled Promise Rejection',
  log.named('Runtime.UnhandledPromiseRejection', String(reason), reason)).then(() => process.exit(128)));

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
  try {
    const answer = await call(handler, JSON.parse(event), context(requestId, headers));
    await api.respond(requestId, JSON.stringify(answer === undefined ? null : answer));
  } catch (error) {
    await fail('Invoke Error', error);
  }
}

/**
 * Call the handler. It answers by a promise, or up to Node.js 22 by a callback; then Lambda waits until the event loop is empty.
 * @type {(handler: Function, event: unknown, context: import('./context').Context) => Promise<unknown>}
 */
function call(handler, event, context) {
  return new Promise((resolve, reject) => {
    /** @type {(error: unknown, answer: unknown) => void} */
    const callback = (error, answer) => {
      const settle = () => (error ? reject(error) : resolve(answer));
      if (context.callbackWaitsForEmptyEventLoop) whenIdle = settle;
      else settle();
    };
    whenIdle = () => resolve(null);
    const promise = handler(event, context, callback);
    if (promise && typeof promise.then === 'function') {
      whenIdle = () => reject(log.named('Runtime.NodeJsExit', 'A promise was never settled, and nothing is left to do.'));
      promise.then(resolve, reject);
    }
  });
}

/** @type {(title: string, error: unknown) => Promise<unknown>} */
function fail(title, error) {
  log.failure(title, error);
  return api.fail(log.state.requestId, log.shape(error));
}

main();
