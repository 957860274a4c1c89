// Calls a handler. It answers by a promise, or up to Node.js 22 by a callback.
'use strict';

const { named } = require('./errors');

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
    const promise = handler(event, context, callback);
    if (promise && typeof promise.then === 'function') {
      whenIdle = () => reject(named('Runtime.NodeJsExit', 'A promise was never settled, and nothing is left to do.'));
      promise.then(resolve, reject);
    }
  });
}

module.exports = { call };
