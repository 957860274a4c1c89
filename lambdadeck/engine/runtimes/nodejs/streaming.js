// Response streaming: awslambda.streamifyResponse marks a handler that writes its answer, bytes as they are.
'use strict';

const { Writable } = require('stream');

const HTTP = 'application/vnd.awslambda.http-integration-response';
/** @type {WeakSet<Function>} */
const handlers = new WeakSet();

class ResponseStream extends Writable {
  /** @type {Buffer[]} */
  chunks = [];
  contentType = 'application/octet-stream';

  /** @param {string} type */
  setContentType(type) {
    this.contentType = type;
  }

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
        stream.setContentType(HTTP);
        stream.write(JSON.stringify(about));
        stream.write(Buffer.alloc(8)); // ends them
        return stream;
      },
    },
  },
});

/** @type {(handler: Function) => boolean} */
const isStreaming = (handler) => handlers.has(handler);

/** @type {(handler: Function, event: unknown, context: object) => Promise<Buffer>} Resolves when the handler has ended its stream. */
async function written(handler, event, context) {
  const stream = new ResponseStream();
  const ended = new Promise((resolve, reject) => stream.on('finish', resolve).on('error', reject));
  await Promise.all([handler(event, stream, context), ended]);
  return Buffer.concat(stream.chunks);
}

module.exports = { isStreaming, written };
