// Prepares the records of a Firehose stream for an archive in S3: one JSON document a line, with its arrival time.
// Heartbeats are dropped. What is not JSON is marked as failed, and Firehose stores it apart.

/** @typedef {{ recordId: string, data: string, approximateArrivalTimestamp: number }} FirehoseRecord */

/** @param {string} data */
const decode = (data) => Buffer.from(data, 'base64').toString('utf8');
/** @param {string} text */
const encode = (text) => Buffer.from(text, 'utf8').toString('base64');

/** @param {FirehoseRecord} record */
const archive = ({ recordId, data, approximateArrivalTimestamp }) => {
  try {
    const event = JSON.parse(decode(data));
    if (event.type === 'heartbeat') return { recordId, result: 'Dropped', data };
    /** @param {FirehoseRecord} record */
const archived = new Date(approximateArrivalTimestamp).toISOString();
    return { recordId, result: 'Ok', data: encode(`${JSON.stringify({ ...event, archived })}\n`) };
  } catch (error) {
    console.log(`record ${recordId}: ${error instanceof Error ? error.message : error}`);
    return { recordId, result: 'ProcessingFailed', data };
  }
};

/** @param {{ records: FirehoseRecord[] }} event */
exports.handler = async (event) => ({ records: event.records.map(archive) });
