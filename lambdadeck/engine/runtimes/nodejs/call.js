// Calls a handler. It answers by a promise, or up to Node.js 22 by a callback or a method of its context.
'use strict';

const { named } = require('./errors');
const { callsBack } = require('./versions');

let whenIdle = () => {}; // called when the event loop is empty
process.on('beforeExit', () => whenIdle());

/** @type {(handler: Function, event: unknown, context: import('./context').Context) => Promise<unknown>} */
function call(handler, event, context) {
  return new Promise((resolve, reject) => {
    /** @type {(error: unknown, answer: unknown) => void} */
    const callback = (error, answer) => {
      const settle = () => (error ? reject(error) : resolve(answer));
      if (context.callbackWaitsForEmptyEventLoop) whenIdle = settle;
      else settle();
    };
    whenIdle = () => resolve(null);
    if (callsBack) Object.assign(context, methods(resolve, reject));
    const promise = handler(event, context, callback);
    if (promise && typeof promise.then === 'function') {
      whenIdle = () => reject(named('Runtime.NodeJsExit', 'A promise was never settled, and nothing is left to do.'));
      promise.then(resolve, reject);
    }
  });
}

/**
 * Return the methods of a context that end an invocation at once, whatever is left to do.
 * @type {(resolve: (answer: unknown) => void, reject: (error: unknown) => void) => object}
 */
function methods(resolve, reject) {
  const fail = (/** @type {unknown} */ error) => reject(error ?? 'handled');
  return { succeed: resolve, fail, done: (/** @type {unknown} */ error, /** @type {unknown} */ answer) => (error ? fail(error) : resolve(answer)) };
}

module.exports = { call };
