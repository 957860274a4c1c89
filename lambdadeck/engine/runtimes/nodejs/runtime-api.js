// The Lambda Runtime API (2018-06-01): one request and three kinds of answer, over one HTTP connection that stays open.
'use strict';

const http = require('http');

/** @typedef {Record<string, string | undefined>} Headers */

const [host, port] = (process.env.AWS_LAMBDA_RUNTIME_API ?? '').split(':');
const agent = new http.Agent({ keepAlive: true });

/** @type {(method: string, path: string, body?: string | Buffer) => Promise<{ headers: Headers, body: Buffer }>} */
function ask(method, path, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, agent, method, path: `/2018-06-01/runtime/${path}` }, (response) => {
      /** @type {Buffer[]} */
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ headers: /** @type {Headers} */ (response.headers), body: Buffer.concat(chunks) }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

// Wait for the next event: meanwhile Lambda freezes the whole process here.
async function next() {
  const { headers, body } = await ask('GET', 'invocation/next');
  return { requestId: headers['lambda-runtime-aws-request-id'] ?? '', headers, event: body.toString() };
}

/** @type {(requestId: string, answer: string | Buffer) => Promise<unknown>} */
const respond = (requestId, answer) => ask('POST', `invocation/${requestId}/response`, answer);

/** @type {(requestId: string | undefined, shape: object) => Promise<unknown>} Without a request id INIT has failed. */
const fail = (requestId, shape) =>
  ask('POST', requestId ? `invocation/${requestId}/error` : 'init/error', JSON.stringify(shape));

module.exports = { next, respond, fail };
