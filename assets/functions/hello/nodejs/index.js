// The greeting and the probe, in Node.js.

const os = require('os');

/** @param {{ name?: string }} event */
exports.handler = async (event) => {
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
