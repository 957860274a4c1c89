// What the function's runtime has and later ones do not.
'use strict';

/** Whether a handler may call back and end an invocation by its context: up to nodejs22.x. */
const callsBack = !(Number(process.env.AWS_EXECUTION_ENV?.match(/nodejs(\d+)/)?.[1]) >= 24);

module.exports = { callsBack };
