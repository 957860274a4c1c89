"""Lab 2, events in and answers out: handler, context, errors, retries, and the Runtime API by hand."""

from __future__ import annotations

from lambdadeck.labs import lab2_judges as judges
from lambdadeck.labs.model import Check, Choice, Lab, Mutation, Number, Option, Question

LAB = Lab(
    number=2,
    slug="events-in-answers-out",
    title="Events in, answers out",
    minutes=25,
    predictions=(
        Choice(
            "error",
            {
                "a": "HTTP status 500",
                "b": "HTTP status 200, and a mark that the function failed",
                "c": "an exception of boto3",
            },
            lambda answer: (
                "b" if answer["StatusCode"] == 200 and "FunctionError" in answer else "a"
            ),
        ),
        Number("tries", "times"),
    ),
    checks=(
        Check(
            "area",
            "refuse an event that makes no sense",
            judges.area,
            blank="One blank in area.py: what if a side is missing, or is not above zero?",
            hints=(
                "The check sends sides that are fit, and some that are missing, zero or negative. Try them yourself, and read what "
                "comes back.",
                'raise ValueError("…") whenever one of the two is missing or not above zero, and before anything is computed.',
            ),
            misconceptions={
                "swallowed": "That is an answer that says there was an error. For Lambda, for retries and for every alarm the call went "
                "well: raise, do not return.",
                "by-accident": "It did fail, but by accident, with an error that tells the caller nothing. Look at the sides before you "
                "compute with them.",
                "let-through": "An event that makes no sense got an area. Two negative sides, perhaps?",
            },
            mutations=(
                Mutation(
                    'raise ValueError("both sides must be above zero")',
                    'return {"error": "both sides must be above zero"}',
                    "swallowed",
                ),
                Mutation(
                    "not (width and height and width > 0 and height > 0)",
                    "width <= 0 or height <= 0",
                    "by-accident",
                ),
                Mutation(
                    "not (width and height and width > 0 and height > 0)",
                    "not (width and height and width * height > 0)",
                    "let-through",
                ),
                Mutation(
                    "not (width and height and width > 0 and height > 0)", "False", "by-accident"
                ),
                Mutation("width * height", "width + height"),
            ),
        ),
        Check(
            "in-time",
            "answer before the time is up",
            judges.in_time,
            blank="One blank in batch.py: when is it time to leave the loop?",
            hints=(
                "The check hands over ten thousand items, for which there is no time, and then three. Both must add up.",
                "context.get_remaining_time_in_millis() runs down to zero: leave the loop when little is left, half a second perhaps.",
            ),
            misconceptions={
                "timed-out": "The time was up before the answer was out, and what had been done is not known to anybody. Leave the loop "
                "earlier: the answer needs time, too.",
                "too-early": "It stopped long before its time was up. Do not count items, which may be slow or fast: ask the clock in "
                "context.",
            },
            mutations=(
                Mutation(
                    "context.get_remaining_time_in_millis() < 500",
                    "context.get_remaining_time_in_millis() < 0",
                    "timed-out",
                ),
                Mutation("context.get_remaining_time_in_millis() < 500", "False", "timed-out"),
                Mutation("context.get_remaining_time_in_millis() < 500", "done >= 5", "too-early"),
                Mutation(
                    "context.get_remaining_time_in_millis() < 500",
                    "context.get_remaining_time_in_millis() < 5000",
                ),
            ),
        ),
        Check(
            "kept",
            "keep an event that cannot be handled",
            judges.kept,
            blank="Two blanks: how often to try again, and where an event goes that has failed.",
            hints=(
                "Ask client.get_function_event_invoke_config what it says now. The queue's ARN has to be in it.",
                'DestinationConfig is {"OnFailure": {"Destination": …}}, and no second try means MaximumRetryAttempts=0.',
            ),
            misconceptions={
                "on-success": "That queue gets the events that went well. The one that fails is what you want to keep.",
                "nowhere": "An event that fails goes nowhere: no queue of yours is its destination on failure.",
                "retries": "The event would be tried again. Here a second try is to be spared: it would fail like the first.",
            },
            mutations=(
                Mutation("MaximumRetryAttempts=0", "MaximumRetryAttempts=1", "retries"),
                Mutation('{"OnFailure"', '{"OnSuccess"', "on-success"),
                Mutation(
                    'DestinationConfig={"OnFailure": {"Destination": arn}}',
                    "DestinationConfig={}",
                    "nowhere",
                ),
            ),
        ),
        Check(
            "own-runtime",
            "write a runtime, and so know what one does",
            judges.own_runtime,
            blank="bootstrap is yours to finish: ask for an event, answer it, and so on. Deploy it, then run this cell.",
            hints=(
                "Two addresses below $api, both in the table above: one is asked with GET, the other gets the answer with POST.",
                'The answer goes to $api/$id/response, and begins with {"you said": followed by the event as it came.',
            ),
            misconceptions={
                "once": "The first event was answered, and then the runtime ended, so that the next one had to start cold or found "
                "nobody. A runtime asks again and again.",
                "not-yours": "That function runs on a runtime of AWS's: yours is called provided.al2023.",
            },
            mutations=(
                Mutation("while true", "for once in 1", "once"),
                Mutation('{\\"you said\\": $event}', '{\\"you said\\": \\"hello\\"}'),
                Mutation('{\\"you said\\": $event}', "$event"),
                Mutation('runtime="provided.al2023"', 'runtime="python3.13"', "not-yours"),
            ),
        ),
    ),
    questions=(
        Question(
            "status",
            "Your program invokes a function and gets status 200. What do you know?",
            (
                Option(
                    "The function did its work.",
                    "Status 200 also comes with a function that raised. FunctionError in the answer "
                    "tells them apart.",
                ),
                Option(
                    "Lambda ran the function; how that ended is in the answer.",
                    "The status is Lambda's own. The function's error, "
                    "if any, is named in FunctionError.",
                    right=True,
                ),
                Option(
                    "The event was accepted and will be handled later.",
                    "That is status 202, and comes only if the call was asynchronous.",
                ),
            ),
        ),
        Question(
            "who-retries",
            "A synchronous call, RequestResponse, fails because the handler raised. Who tries again?",
            (
                Option(
                    "Lambda, twice.",
                    "That is so for asynchronous events. Here somebody waits for the answer, and is told at once.",
                ),
                Option(
                    "boto3, up to three times.",
                    "boto3 tries again when the network or the service fails. A function that raises is, "
                    "for boto3, a call that went well.",
                ),
                Option(
                    "Nobody but the caller, if it wants to.",
                    "The caller has the error in hand and knows best whether a second try "
                    "does harm.",
                    right=True,
                ),
            ),
        ),
        Question(
            "request-id",
            "An event was tried three times. How do the three appear in the log?",
            (
                Option(
                    "With the same request id three times.",
                    "It is one event, and it keeps its id. So the id can also tell you that "
                    "something is being done again.",
                    right=True,
                ),
                Option(
                    "With three ids: each try is a call of its own.",
                    "Each try has its START line, but the id belongs to the event, and stays.",
                ),
                Option(
                    "Only the last one appears.", "Every try is logged, and every try is billed."
                ),
            ),
        ),
        Question(
            "runtime",
            "What has AWS's runtime for Python that yours in bash has not?",
            (
                Option(
                    "A secret way to receive events.",
                    "It asks the same two addresses as yours. The Runtime API is public, and the "
                    "same for all languages.",
                ),
                Option(
                    "Error reports, a context object, and care for the details.",
                    "It reports what goes wrong to addresses of their "
                    "own, and packs the headers into context. The loop is the same.",
                    right=True,
                ),
                Option(
                    "Several events at a time in one environment.",
                    "One environment, one event at a time. Also for AWS's own runtimes.",
                ),
            ),
        ),
    ),
)
