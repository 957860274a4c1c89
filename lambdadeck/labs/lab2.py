"""Lab 2, events in and answers out: handler, context, errors, retries, the Runtime API by hand."""

from lambdadeck.labs import lab2_checks as checks
from lambdadeck.labs.model import Check, Choice, Lab, Mutation, Number

PREDICTIONS = (
    Choice(
        "error",
        {
            "a": "HTTP status 500",
            "b": "HTTP status 200, and a mark that the function failed",
            "c": "a boto3 exception",
        },
        lambda answer: "b" if answer["StatusCode"] == 200 and "FunctionError" in answer else "a",
    ),
    Number("tries", "times"),
)

_VALID = "not (width and height and width > 0 and height > 0)"
CHECKS = (
    Check(
        "area",
        "refuse an event that makes no sense",
        checks.area,
        blank="One blank in area.py: what if a side is missing, or is not above zero?",
        hint="The check sends valid sides, and some that are missing, zero or negative. Try them "
        "yourself, and read what comes back.",
        nearer="The handler has to fail before it computes anything. Which of the events that the "
        "check sends gets past your condition?",
        misconceptions={
            "swallowed": "That returns a message about an error. To Lambda, to retries and to "
            "every alarm the call succeeded: raise, do not return.",
            "by-accident": "It did fail, but by accident, with an error that tells the caller "
            "nothing. Check the sides before you compute with them.",
            "let-through": "An event that makes no sense got an area. Two negative sides, perhaps?",
        },
        mutations=(
            Mutation("raise ValueError(", "return dict(error=", "swallowed"),
            Mutation(_VALID, "width <= 0 or height <= 0", "by-accident"),
            Mutation(_VALID, "not (width and height and width * height > 0)", "let-through"),
            Mutation(_VALID, "False", "by-accident"),
            Mutation("width * height", "width + height"),
        ),
    ),
    Check(
        "in-time",
        "answer before the time is up",
        checks.in_time,
        blank="One blank in batch.py: when is it time to leave the loop?",
        hint="The check sends ten thousand items, far too many for the time, and then three. Both "
        "must add up.",
        nearer="The clock in context runs down to zero, in milliseconds. Ask it before each item: "
        "is enough left for this one, and for returning?",
        misconceptions={
            "timed-out": "The time was up before the function returned, and nobody knows what it "
            "had done. Leave the loop earlier: returning takes time, too.",
            "too-early": "It stopped long before its time was up. Do not count items, which may "
            "be slow or fast: ask the clock in context.",
        },
        mutations=(
            Mutation("< 500", "< 0", "timed-out"),
            Mutation("context.get_remaining_time_in_millis() < 500", "False", "timed-out"),
            Mutation("context.get_remaining_time_in_millis() < 500", "done >= 5", "too-early"),
            Mutation("< 500", "< 5000"),
        ),
    ),
    Check(
        "kept",
        "keep an event that cannot be handled",
        checks.kept,
        blank="Two blanks: how often to retry, and where a failed event goes.",
        hint="Print what client.get_function_event_invoke_config returns now. The queue's ARN has "
        "to be in it.",
        nearer="help(client.put_function_event_invoke_config) shows the shape of "
        "DestinationConfig: one key for what succeeded and one for what failed. And a retry is an "
        "attempt beyond the first.",
        misconceptions={
            "on-success": "That queue gets the events that succeed. You want to keep those that "
            "fail.",
            "nowhere": "An event that fails goes nowhere: no queue of yours is its destination "
            "on failure.",
            "retries": "The event would be retried. Skip the retry here: it would fail like the "
            "first try.",
        },
        mutations=(
            Mutation("MaximumRetryAttempts=0", "MaximumRetryAttempts=1", "retries"),
            Mutation('{"OnFailure"', '{"OnSuccess"', "on-success"),
            Mutation('{"OnFailure": {"Destination": arn}}', "{}", "nowhere"),
        ),
    ),
    Check(
        "own-runtime",
        "write a runtime, and so know what one does",
        checks.own_runtime,
        blank="bootstrap is yours to finish: ask for an event, answer it, and so on. Deploy it, "
        "then run this cell.",
        hint="Two addresses below $api, both in the table above: GET the next event from one, POST "
        "the answer to the other.",
        nearer="Print the address that you POST to: the ID of this event is in it. The body is "
        "JSON, with the event in it as it came.",
        misconceptions={
            "once": "Your runtime answered the first event and then ended, so the next one "
            "started cold or found no runtime. A runtime asks for events in a loop.",
            "not-yours": "That function runs on one of AWS's runtimes: yours is called "
            "provided.al2023.",
        },
        mutations=(
            Mutation("while true", "for once in 1", "once"),
            Mutation('{\\"you said\\": $event}', '{\\"you said\\": \\"hello\\"}'),
            Mutation('{\\"you said\\": $event}', "$event"),
            Mutation('runtime="provided.al2023"', 'runtime="python3.13"', "not-yours"),
        ),
    ),
)

LAB = Lab(2, "events-in-answers-out", "Events in, answers out", 27, PREDICTIONS, CHECKS)
