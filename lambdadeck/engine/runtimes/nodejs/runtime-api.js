// The Lambda Runtime API (2018-06-01): one request and three kinds of answer, over one HTTP connection that stays open.
'use strict';

const http = require('http');

/** @typedef {Record<string, string | undefined>} Headers */
/** @typedef {{ headers: Headers, body: Buffer }} Answer */

const [host, port] = (process.env.AWS_LAMBDA_RUNTIME_API ?? '').split(':');
const agent = new http.Agent({ keepAlive: true });

/** @type {(method: string, path: string, headers?: http.OutgoingHttpHeaders) => { request: http.ClientRequest, answered: Promise<Answer> }} */
function begin(method, path, headers) {
  const request = http.request({ host, port, agent, method, headers, path: `/2018-06-01/runtime/${path}` });
  const answered = new Promise((resolve, reject) => {
    request.on('response', (response) => {
      /** @type {Buffer[]} */
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }));
    }).on('error', reject);
  });
  return { request, answered };
}

/** @type {(method: string, path: string, body?: string) => Promise<Answer>} */
function ask(method, path, body) {
  const { request, answered } = begin(method, path);
  return (request.end(body), answered);
}

// Wait for the next event: meanwhile Lambda freezes the whole process here.
async function next() {
  const { headers, body } = await ask('GET', 'invocation/next');
  return { requestId: headers['lambda-runtime-aws-request-id'] ?? '', headers, event: body.toString() };
}

/** @type {(requestId: string, answer: string) => Promise<unknown>} */
const respond = (requestId, answer) => ask('POST', `invocation/${requestId}/response`, answer);

// Begin an answer that is written piece by piece; an error in the middle comes after it.
const ERROR = 'Lambda-Runtime-Function-Error';
const stream = (/** @type {string} */ requestId) => begin('POST', `invocation/${requestId}/response`, {
  'Lambda-Runtime-Function-Response-Mode': 'streaming',
  'Content-Type': 'application/octet-stream',
  Trailer: [`${ERROR}-Type`, `${ERROR}-Body`],
});

/** @type {(begun: ReturnType<typeof stream>, shape: { errorType: string }) => Promise<unknown>} */
function breakOff({ request, answered }, shape) {
  const body = Buffer.from(JSON.stringify(shape)).toString('base64');
  request.addTrailers({ [`${ERROR}-Type`]: shape.errorType, [`${ERROR}-Body`]: body });
  return (request.end(), answered);
}

/** @type {(requestId: string | undefined, shape: object) => Promise<unknown>} Without a request id INIT has failed. */
const fail = (requestId, shape) => ask('POST', requestId ? `invocation/${requestId}/error` : 'init/error', JSON.stringify(shape));

module.exports = { next, respond, stream, breakOff, fail };
