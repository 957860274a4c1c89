"""Write down every event with its time, and answer each caller as it expects."""

import json
import time


def handler(event, context):
    print("EVENT", round(time.time() * 1000, 1), json.dumps(event))
    return answer(event)


def answer(event):
    records = event.get("Records") or [{}]
    if "triggerSource" in event:  # Cognito wants its event back, changed or not
        return event
    if "cf" in records[0]:  # CloudFront goes on with the request that it gets back
        return records[0]["cf"]["request"]
    if "session" in event:  # Alexa says what it is told to say
        speech = {"type": "PlainText", "text": "Seen."}
        return {"version": "1.0", "response": {"outputSpeech": speech, "shouldEndSession": True}}
    if "rawPath" in event:  # API Gateway and function URLs make an HTTP response of it
        return {"statusCode": 200, "body": f"Seen: {event['rawPath']}?{event['rawQueryString']}"}
    return {"seen": True}  # queues, streams and topics look only at whether there was an error
