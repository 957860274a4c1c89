"""Handles a batch of messages; tells Lambda which of them, those that say "bad", have failed."""


def handler(event, context):
    failed = []
    for record in event["Records"]:
        queue, text = record["eventSourceARN"].rpartition(":")[2], record["body"]
        times = record["attributes"]["ApproximateReceiveCount"]
        print(f"{queue}: {text}, delivery {times}: {'failed' if text == 'bad' else 'done'}")
        if text == "bad":
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
