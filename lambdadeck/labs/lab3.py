"""Lab 3, scaling: environments in a burst, Little's law, throttling, a caller that retries."""

from lambdadeck.labs import lab3_checks as checks
from lambdadeck.labs import retries
from lambdadeck.labs.model import Check, Choice, Lab, Mutation, Number

PREDICTIONS = (
    Number("environments", "environments"),
    Number("paced", "environments"),
    Choice(
        "refused",
        {
            "a": "they wait until there is room",
            "b": "they are refused with an error",
            "c": "two environments serve all six, slower",
        },
        lambda attempts: "b" if any(each["status"] == 429 for each in attempts) else "a",
    ),
    Number("attempts", "attempts"),
)

_LITTLE = "per_minute / 60 * duration_ms / 1000"
CHECKS = (
    Check(
        "concurrency",
        "tell from a timeline how many calls were under way at any moment",
        checks.concurrency,
        blank="Replace ... by the condition: when is a shot under way at the moment at_ms?",
        hint="Lay a vertical line through the figure at at_ms. Which bars does it cross? Say it "
        "with start_ms and end_ms.",
        nearer="Two comparisons, and both must hold: one with start_ms, one with end_ms. Which of "
        "them counts the first moment of a bar, and which leaves out its end?",
        misconceptions={
            "begun": "That counts every call that has begun, including those that ended long "
            "ago. An environment is free again when its call ends.",
            "not-ended": "That counts every call that has not ended, including those that have "
            "not begun yet.",
            "own-start": "Almost: a call is under way from its first moment. It already counts "
            "at its own start_ms.",
            "own-end": "Almost: a call that ends at that moment is over, and its environment is "
            "free for the next one.",
        },
        mutations=(
            Mutation("shot.start_ms <= at_ms < shot.end_ms", "shot.start_ms <= at_ms", "begun"),
            Mutation("shot.start_ms <= at_ms < shot.end_ms", "at_ms < shot.end_ms", "not-ended"),
            Mutation("shot.start_ms <= at_ms <", "shot.start_ms < at_ms <", "own-start"),
            Mutation("at_ms < shot.end_ms", "at_ms <= shot.end_ms", "own-end"),
            Mutation("shot.start_ms <= at_ms < shot.end_ms", "shot.cold"),
        ),
        praise="It holds at every moment of a timeline that the check knows. The highest value "
        "is the concurrency that Lambda had to find room for.",
    ),
    Check(
        "little",
        "work out the concurrency that a load needs",
        checks.little,
        blank="Replace ... by the number of calls that are under way on average.",
        hint="Twenty calls a second, a quarter of a second each, were five under way. What "
        "calculation with 20 and 0.25 gives 5?",
        nearer="Convert both to seconds first. Then: how many calls arrive while one of them runs?",
        misconceptions={
            "units": "The formula is right and the units are not: convert calls a minute and "
            "milliseconds to seconds first.",
            "rate": "That is the rate. Twenty calls a second that take a millisecond each hardly "
            "ever meet: how long they take counts as much as how often they come.",
            "divided": "Longer calls would then need fewer environments. Think of a call that "
            "takes twice as long: how many others come in that time?",
            "whole": "Leave it a fraction: it is an average. 0.6 means that there is a call "
            "under way 60 percent of the time.",
        },
        mutations=(
            Mutation(_LITTLE, "per_minute * duration_ms / 1000", "units"),
            Mutation(_LITTLE, "per_minute / 60 * duration_ms", "units"),
            Mutation(_LITTLE, "per_minute / 60", "rate"),
            Mutation(_LITTLE, "per_minute / 60 / (duration_ms / 1000)", "divided"),
            Mutation(_LITTLE, "-(-per_minute * duration_ms // 60_000)", "whole"),
            Mutation(_LITTLE, "duration_ms / 1000"),
        ),
    ),
    Check(
        "connections",
        "keep a function within the connections of its database",
        checks.connections,
        blank="Two things are open: where orders.py connects, and how many environments it may "
        "have.",
        hint="The check made eight calls at once and looked at environment and connection in the "
        "results: each environment needs one connection of its own.",
        nearer="Code outside the handler runs once per environment, during INIT; code inside it "
        "runs with every call. And allow no more environments than connections.",
        misconceptions={
            "no-limit": "Nothing limits your function: with every call that finds no free "
            "environment it opens one more connection. Reserve concurrency for it.",
            "switched-off": "Reserved concurrency 0 leaves no room for any call: that is how a "
            "function is switched off.",
            "each-call": "An environment opened a second connection: your handler connects with "
            "every call. Where do you put code that runs once per environment?",
            "another-limit": "Each environment has one connection: good. But how many "
            "environments may there be, if the database allows three connections?",
        },
        mutations=(
            Mutation(
                "put_function_concurrency(\n"
                '    FunctionName="orders", ReservedConcurrentExecutions=3)',
                'delete_function_concurrency(FunctionName="orders")',
                "no-limit",
            ),
            Mutation("Executions=3", "Executions=0", "switched-off"),
            Mutation("Executions=3", "Executions=5", "another-limit"),
            Mutation(
                "connection = connect()\ndef handler(event, context):",
                "def handler(event, context):\n    connection = connect()",
                "each-call",
            ),
            Mutation("connection = connect()\n", "connection = 'shared'\n"),
        ),
        praise="Eight at once, and never a fourth connection. At a quarter of a second a call, "
        "three environments take twelve orders a second; the rest are refused, and their callers "
        "have to retry.",
    ),
    Check(
        "patient",
        "write a retry that waits longer and longer, and not in step with others",
        retries.patient,
        blank="patient is yours to write: replace the ... with a few lines, then run this cell.",
        hint="The check refused your caller a few times and watched: one wait, by calling "
        "wait(seconds), after each refusal; then the result of call(); after the eighth refusal "
        "the error itself.",
        nearer="Four things may happen to an attempt: it is served, refused, refused for the last "
        "time, or ends with another error. Say for each what your code does; the text above "
        "names them all.",
        misconceptions={
            "endless": "Your caller never gives up. If the function stays full, or is switched "
            "off, it asks forever.",
            "swallowed": "After the last refusal your caller goes on as if all were well: "
            "whoever called it must get the error.",
            "any-error": "Your caller retried after an error that is not a refusal (the check "
            "said: no such function). Waiting does not fix that one: let it through immediately.",
            "constant": "The waits do not double: after five refusals the last wait should be "
            "sixteen times the first, on average. The longer the queue, the more room it needs.",
            "in-step": "The waits grow, and they are nearly the same in every run: callers that "
            "were refused together come back together. Make each wait a random part of it.",
            "milliseconds": "wait() takes seconds, as time.sleep does: a first wait of 0.1 is "
            "enough.",
        },
        mutations=(
            Mutation("range(8)", "iter(int, 1)", "endless"),
            Mutation("                raise\n", "                return None\n", "swallowed"),
            Mutation("once.exceptions.TooManyRequestsException", "Exception", "any-error"),
            Mutation("0.1 * 2**attempt", "0.1", "constant"),
            Mutation("random.uniform(0, 0.1 * 2**attempt)", "0.1 * 2**attempt", "in-step"),
            Mutation("0.1 * 2**attempt", "100 * 2**attempt", "milliseconds"),
            Mutation("range(8)", "range(3)"),
            Mutation("return call()", "call()"),
            Mutation("wait(random", "time.sleep(random"),
        ),
        praise="Refused once, forever, and for another reason, and each time it did the right "
        "thing. Then three times as many callers as there are places asked the real function "
        "through it, and all were served.",
    ),
)

LAB = Lab(3, "scaling", "Scaling", 35, PREDICTIONS, CHECKS)
