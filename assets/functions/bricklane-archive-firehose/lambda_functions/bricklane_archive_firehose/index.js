// Prepares the records of a Firehose stream for an archive in S3: one JSON document a line, stamped with its arrival.
// A heartbeat is not worth keeping; what is not JSON is handed back, and Firehose sets it aside.

const decode = (data) => Buffer.from(data, 'base64').toString('utf8');
const encode = (text) => Buffer.from(text, 'utf8').toString('base64');

const archive = ({ recordId, data, approximateArrivalTimestamp }) => {
  try {
    const event = JSON.parse(decode(data));
    if (event.type === 'heartbeat') return { recordId, result: 'Dropped', data };
    const archived = new Date(approximateArrivalTimestamp).toISOString();
    return { recordId, result: 'Ok', data: encode(`${JSON.stringify({ ...event, archived })}\n`) };
  } catch (error) {
    console.log(`record ${recordId}: ${error.message}`);
    return { recordId, result: 'ProcessingFailed', data };
  }
};

exports.handler = async (event) => ({ records: event.records.map(archive) });
