exports.handler = async (/** @type {any} */ event, /** @type {any} */ context) => {
  console.log('first line');
  console.log('second line: é');
  if (event.do === 'fail') throw new RangeError('so it goes: "é"');
  if (event.do === 'sleep') await new Promise((resolve) => setTimeout(resolve, 30000));
  if (event.do === 'exit') process.exit(3);
  if (event.do === 'grow') return 'x'.repeat(7000000);
  if (event.do === 'context') {
    return {
      request: context.awsRequestId,
      left_ms: context.getRemainingTimeInMillis(),
      memory_mb: Number(context.memoryLimitInMB),
      name: context.functionName,
      arn: context.invokedFunctionArn,
      stream: context.logStreamName,
    };
  }
  return event;
};
