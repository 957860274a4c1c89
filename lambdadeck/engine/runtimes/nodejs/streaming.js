// Response streaming: awslambda.streamifyResponse marks a handler that writes its answer, bytes as they are.
'use strict';

const { Writable } = require('stream');

/** @type {WeakSet<Function>} */
const handlers = new WeakSet();

class ResponseStream extends Writable {
  /** @type {Buffer[]} */
  chunks = [];

  setContentType() {} // an answer names its type before its body (HttpResponseStream)

  /** @type {Writable['_write']} */
  _write(chunk, _encoding, done) {
    this.chunks.push(chunk);
    done();
  }
}

Object.assign(globalThis, {
  awslambda: {
    /** @param {Function} handler */
    streamifyResponse(handler) {
      handlers.add(handler);
      return handler;
    },
    HttpResponseStream: {
      /** @type {(stream: ResponseStream, about: object) => ResponseStream} Status, headers, and cookies come before the body. */
      from(stream, about) {
        stream.write(JSON.stringify(about));
        stream.write(Buffer.alloc(8)); // ends them
        return stream;
      },
    },
  },
});

/** @type {(handler: Function) => boolean} */
const isStreaming = (handler) => handlers.has(handler);

/**
 * Return a handler whose answer is what the given one has written when it has ended its stream.
 * @param {Function} handler
 */
const writing = (handler) => async (/** @type {unknown} */ event, /** @type {object} */ context) => {
  const stream = new ResponseStream();
  const ended = new Promise((resolve, reject) => stream.on('finish', resolve).on('error', reject));
  await Promise.all([handler(event, stream, context), ended]);
  return Buffer.concat(stream.chunks);
};

module.exports = { isStreaming, writing };
