// The greeting and the probe, in Node.js.

const os = require('os');

exports.handler = async (event, context) => {
  const { name = 'world' } = event;
  console.log(`greeting ${name}`);
  return {
    greeting: `Hello, ${name}!`,
    language: 'Node.js',
    version: process.versions.node,
    system: `${os.type()} ${os.release()}`,
    machine: os.machine(),
  };
};
