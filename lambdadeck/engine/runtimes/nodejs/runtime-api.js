// The Lambda Runtime API (2018-06-01) as a runtime sees it: one question and three kinds of answer, over one HTTP
// connection that stays open.
'use strict';

const http = require('http');

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true });

function ask(method, path, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, agent, method, path: `/2018-06-01/runtime/${path}` }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

// Waits, for as long as it takes: between two events Lambda freezes the whole process here.
async function next() {
  const { headers, body } = await ask('GET', 'invocation/next');
  return { requestId: headers['lambda-runtime-aws-request-id'], headers, event: body };
}

const respond = (requestId, json) => ask('POST', `invocation/${requestId}/response`, json);

// Without a request it is INIT that failed.
const fail = (requestId, shape) =>
  ask('POST', requestId ? `invocation/${requestId}/error` : 'init/error', JSON.stringify(shape));

module.exports = { next, respond, fail };
