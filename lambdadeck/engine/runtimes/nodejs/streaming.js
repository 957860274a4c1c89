// Response streaming: awslambda.streamifyResponse marks a handler that writes its answer, bytes as they are.
'use strict';

/** @typedef {ReturnType<typeof import('./runtime-api').stream>} Begun */
/** @typedef {{ setContentType: (type: string) => void, beforeFirst?: () => void }} Ours */
/** @typedef {import('http').ClientRequest & Ours} ResponseStream */

/** @type {WeakSet<Function>} */
const handlers = new WeakSet();

Object.assign(globalThis, {
  awslambda: {
    /** @param {Function} handler */
    streamifyResponse(handler) {
      handlers.add(handler);
      return handler;
    },
    HttpResponseStream: {
      /** @type {(stream: ResponseStream, about: object) => ResponseStream} Status, headers, and cookies go before the first piece. */
      from(stream, about) {
        stream.setContentType('application/vnd.awslambda.http-integration-response');
        stream.beforeFirst = () => stream.write(Buffer.from(`${JSON.stringify(about)}${'\0'.repeat(8)}`));
        return stream;
      },
    },
  },
});

/** @type {(handler: Function) => boolean} */
const isStreaming = (handler) => handlers.has(handler);

/**
 * Return the request to the Runtime API as a handler writes it. As in AWS, end() does not write the metadata.
 * @param {import('http').ClientRequest} request
 */
function writable(request) {
  const stream = /** @type {ResponseStream} */ (request);
  const write = request.write.bind(request);
  stream.setContentType = (type) => void request.setHeader('Content-Type', type);
  stream.write = (/** @type {any} */ chunk, /** @type {any[]} */ ...more) => {
    const { beforeFirst } = stream;
    stream.beforeFirst = undefined;
    beforeFirst?.();
    return write(typeof chunk === 'string' || chunk instanceof Uint8Array ? chunk : JSON.stringify(chunk), ...more);
  };
  return stream;
}

/**
 * Return a handler that is over when the given one has ended its stream and the Runtime API has it.
 * @type {(handler: Function, begun: Begun) => Function}
 */
const writing = (handler, { request, answered }) => async (/** @type {unknown} */ event, /** @type {object} */ context) => {
  const written = handler(event, writable(request), context);
  if (typeof written?.then !== 'function') throw 'Streaming does not support non-async handlers.'; // AWS's words
  await Promise.all([written, answered]);
};

module.exports = { isStreaming, writing };
