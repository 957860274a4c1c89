"""Lab 3, scaling: environments in a burst, Little's law, throttles, and a caller that comes back later."""

from __future__ import annotations

from lambdadeck.labs import lab3_judges as judges
from lambdadeck.labs.model import Check, Choice, Lab, Mutation, Number, Option, Question

_RESERVE = 'boto3.client("lambda").put_function_concurrency(\n    FunctionName="orders", ReservedConcurrentExecutions=3)'
_FREE = 'boto3.client("lambda").delete_function_concurrency(\n    FunctionName="orders")'

LAB = Lab(
    number=3,
    slug="scaling",
    title="Scaling",
    minutes=25,
    predictions=(
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
    ),
    checks=(
        Check(
            "concurrency",
            "tell from a timeline how many calls were under way at any moment",
            judges.concurrency,
            blank="Say in place of ... when a shot is under way at the moment at_ms.",
            hints=(
                "Lay a vertical line through the figure at at_ms. Which bars does it cross? Say it with start_ms and end_ms.",
                "A bar is crossed when it has begun by at_ms and ends after it: two comparisons, and both must hold.",
            ),
            misconceptions={
                "begun": "That counts every call that has begun, also those that have long ended. An environment is free again "
                "when its call ends.",
                "not-ended": "That counts every call that has not ended, also those that have not begun yet.",
                "own-start": "Almost: a call is under way from its first moment on. At its own start_ms it counts already.",
            },
            mutations=(
                Mutation("shot.start_ms <= at_ms < shot.end_ms", "shot.start_ms <= at_ms", "begun"),
                Mutation(
                    "shot.start_ms <= at_ms < shot.end_ms", "at_ms < shot.end_ms", "not-ended"
                ),
                Mutation("shot.start_ms <= at_ms <", "shot.start_ms < at_ms <", "own-start"),
                Mutation("shot.start_ms <= at_ms < shot.end_ms", "shot.cold"),
            ),
            praise="It holds at every moment of a timeline that the check knows. The highest value is the concurrency that "
            "Lambda had to find room for.",
        ),
        Check(
            "little",
            "work out the concurrency that a load needs",
            judges.little,
            blank="Write in place of ... how many calls are under way on average.",
            hints=(
                "Twenty calls a second, a quarter of a second each, were five under way. Which sum of 20 and 0.25 gives 5?",
                "Rate times duration, both by the second: per_minute has to be divided by 60, duration_ms by 1000.",
            ),
            misconceptions={
                "units": "The sum is right and the units are not: bring calls a minute and milliseconds both to seconds first.",
                "rate": "That is the rate. Twenty calls a second that take a millisecond each hardly ever meet: how long they take "
                "counts as much as how often they come.",
                "divided": "Longer calls would then need fewer environments. Think of a call that takes twice as long: how many "
                "others come in that time?",
                "whole": "Leave it a fraction: it is an average. 0.6 means that there is a call under way 60 per cent of the time.",
            },
            mutations=(
                Mutation(
                    "per_minute / 60 * duration_ms / 1000",
                    "per_minute * duration_ms / 1000",
                    "units",
                ),
                Mutation(
                    "per_minute / 60 * duration_ms / 1000", "per_minute / 60 * duration_ms", "units"
                ),
                Mutation("per_minute / 60 * duration_ms / 1000", "per_minute / 60", "rate"),
                Mutation(
                    "per_minute / 60 * duration_ms / 1000",
                    "per_minute / 60 / (duration_ms / 1000)",
                    "divided",
                ),
                Mutation(
                    "per_minute / 60 * duration_ms / 1000",
                    "-(-per_minute * duration_ms // 60_000)",
                    "whole",
                ),
                Mutation("per_minute / 60 * duration_ms / 1000", "duration_ms / 1000"),
            ),
        ),
        Check(
            "connections",
            "keep a function within the connections of its database",
            judges.connections,
            blank="Two things are open: where orders.py connects, and how many environments it may have.",
            hints=(
                "The check called your function by eight at once and looked at environment and connection in the answers: each "
                "environment needs one connection of its own.",
                "What stands outside of the handler runs once for each environment, during INIT; what stands inside, with every call. "
                "And no more environments than connections.",
            ),
            misconceptions={
                "no-limit": "Nothing limits your function: with every call that finds no free environment it opens one more "
                "connection. Reserve concurrency for it.",
                "switched-off": "Reserved concurrency 0 leaves no room for any call: that is how a function is switched off.",
                "each-call": "An environment opened a second connection: your handler connects with every call. Where does code "
                "stand that runs once for each environment?",
                "another-limit": "Each environment has one connection: good. But how many environments may there be, if the database "
                "allows three connections?",
            },
            mutations=(
                Mutation(_RESERVE, _FREE, "no-limit"),
                Mutation(
                    "ReservedConcurrentExecutions=3",
                    "ReservedConcurrentExecutions=0",
                    "switched-off",
                ),
                Mutation(
                    "ReservedConcurrentExecutions=3",
                    "ReservedConcurrentExecutions=5",
                    "another-limit",
                ),
                Mutation(
                    "connection = connect()\ndef handler(event, context):",
                    "def handler(event, context):\n    connection = connect()",
                    "each-call",
                ),
                Mutation("connection = connect()\n", "connection = 'shared'\n"),
            ),
            praise="Eight at once, and never a fourth connection. At a quarter of a second a call, three environments take twelve "
            "orders a second; the rest is refused, and somebody has to come back.",
        ),
        Check(
            "patient",
            "write a retry that waits longer and longer, and not in step with others",
            judges.patient,
            blank="patient is yours to write: replace the ... with a few lines, then run this cell.",
            hints=(
                "The check refused your caller a few times and watched: one wait, by calling wait(seconds), after each refusal; the "
                "answer of call() when there is one; after the eighth refusal the error itself.",
                "A loop over the attempts: try the call, and leave with its answer. Refused, and it was the last attempt: let the error "
                "out. Refused before: wait for a random part of a time that doubles with each attempt.",
            ),
            misconceptions={
                "endless": "Your caller never gives up. If the function stays full, or is switched off, it asks for ever.",
                "swallowed": "After the last refusal your caller goes on as if all were well: whoever called it must get the error.",
                "any-error": "Your caller tried again after an error that is no refusal (the check said: no such function). That one "
                "will not go away by waiting: let it through at once.",
                "constant": "The waits do not double: after five refusals the last wait should be sixteen times the first, on average. "
                "The longer the queue, the more room it needs.",
                "in-step": "The waits grow, and they are the same in every run: callers that were refused together come back together. "
                "Make each wait a random part of it.",
                "milliseconds": "wait() takes seconds, as time.sleep does: a first wait of 0.1 is enough.",
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
            praise="Refused once, for ever, and for another reason, and each time it did the right thing. Then three times as many "
            "callers as there are places asked the real function through it, and all were served.",
        ),
    ),
    questions=(
        Question(
            "rate",
            "A hundred requests a second arrive, evenly, and each takes 50 milliseconds. How many environments are busy at once?",
            (
                Option(
                    "100: one for each request of a second.",
                    "That is the rate. A request that is done makes room for the next "
                    "within the same second.",
                ),
                Option(
                    "2,000: a hundred requests in 0.05 seconds.",
                    "Dividing makes short requests expensive. Each environment can "
                    "serve twenty such requests a second.",
                ),
                Option(
                    "About 5.", "Rate times duration: 100 a second times 0.05 seconds.", right=True
                ),
                Option(
                    "1, until it is too slow.",
                    "An environment serves one call at a time. It is never asked to serve two, so it is "
                    "never too slow: Lambda counts calls, not load.",
                ),
            ),
        ),
        Question(
            "refused",
            "An event is refused with 429, and whoever sent it does not ask again. Where is the event now?",
            (
                Option(
                    "Nowhere: Lambda has not taken it.",
                    "A refusal is the whole answer. To ask again is up to the sender: boto3 does "
                    "it a few times, and so do the queues and streams that Lambda reads from.",
                    right=True,
                ),
                Option(
                    "In a line, until an environment is free.",
                    "Nobody waits in Lambda's name when a call is synchronous. Had it "
                    "been sent as an asynchronous event, Lambda itself would ask again later.",
                ),
                Option(
                    "In the function's log.",
                    "The function was never called: it wrote nothing, and nothing is billed.",
                ),
            ),
        ),
        Question(
            "provisioned",
            "At nine o'clock a thousand users log in within a minute, and nobody shall meet a cold start. What helps?",
            (
                Option(
                    "Reserved concurrency of 1,000.",
                    "That keeps room for a thousand environments. It makes none of them, so each "
                    "still starts cold.",
                ),
                Option(
                    "A timer that calls the function every five minutes.",
                    "One call at a time keeps one environment warm. The "
                    "second user of the same moment needs another one.",
                ),
                Option(
                    "More memory.",
                    "INIT runs at full speed whatever the memory: it is not avoided, only paid for at a higher rate.",
                ),
                Option(
                    "Provisioned concurrency, sized by rate times duration.",
                    "Lambda runs INIT beforehand and keeps those "
                    "environments ready. They are paid for as long as they are configured, used or idle.",
                    right=True,
                ),
            ),
        ),
        Question(
            "batch",
            "A queue hands its messages to a function one by one; each takes 100 ms. Now it hands over ten at a time, and the function "
            "works through them in order. What happens to the concurrency that the same load needs?",
            (
                Option(
                    "It falls to a tenth: there are ten times fewer calls.",
                    "And each takes ten times as long. Rate times duration "
                    "has one factor divided and the other multiplied.",
                ),
                Option(
                    "It stays about the same.",
                    "A tenth of the calls, each ten times as long: the product is what it was. What is "
                    "saved is the overhead of each call, and the price of each request.",
                    right=True,
                ),
                Option(
                    "It rises tenfold: ten messages at once.",
                    "The batch is one event for one environment. Its messages are worked "
                    "through by your code, in order unless you write it otherwise.",
                ),
            ),
        ),
    ),
)
