"""Lab 1, a look under the hood: the machine, cold and warm starts, freezing, timeouts."""

from lambdadeck.labs import lab1_checks as checks
from lambdadeck.labs.model import Check, Choice, Lab, Mutation, Number

PREDICTIONS = (
    Choice(
        "memory",
        {
            "a": "128 MB, its limit",
            "b": "the memory of the machine",
            "c": "nothing: it is not allowed to look",
        },
        lambda inside: (
            "a"
            if inside["memory MB"] == 128
            else "b"
            if isinstance(inside["memory MB"], int)
            else "c"
        ),
    ),
    Number("faster", "times"),
    Number("ticks", "ticks"),
    Choice(
        "timeout",
        {
            "a": "both survive",
            "b": "both start over",
            "c": "memory starts over, /tmp survives",
            "d": "/tmp starts over, memory survives",
        },
        lambda after: {
            (True, True): "a",
            (False, False): "b",
            (False, True): "c",
            (True, False): "d",
        }[after["memory"] > 1, after["disk"] > 1],
    ),
)

_MACHINE_MB = (
    "round(__import__('os').sysconf('SC_PAGE_SIZE') * __import__('os').sysconf('SC_PHYS_PAGES') "
    "/ 2**20)"
)
CHECKS = (
    Check(
        "machine",
        "make a function report its memory limit and its execution environment",
        checks.machine,
        blank="Fill in the two blanks of whoami.py, run that cell and the deployment, then this "
        "one.",
        hint="Everything that Lambda tells a call about itself is in `context`. Print dir(context) "
        "in the handler, and read the log.",
        nearer="An environment writes its log to a place of its own, which stays the same while it "
        "is warm. Print every attribute of context in two environments: which of them differ?",
        misconceptions={
            "machine-memory": "That is the memory of the machine, as sysconf sees it. The limit "
            "of the function is another number: Lambda passes it in with every call.",
            "limit": "The limit must be the configured one, as a whole number, whatever it is: "
            "context has it (as text in some runtimes, so make it an int).",
            "function-name": "That names the function. All its environments share that name: "
            "look for what only one of them has.",
        },
        mutations=(
            Mutation("int(context.memory_limit_in_mb)", "256", "limit"),
            Mutation("int(context.memory_limit_in_mb)", "context.memory_limit_in_mb[:2]", "limit"),
            Mutation("int(context.memory_limit_in_mb)", _MACHINE_MB, "machine-memory"),
            Mutation("context.log_stream_name", "context.function_name", "function-name"),
            Mutation("context.log_stream_name", "context.aws_request_id"),
        ),
    ),
    Check(
        "cold",
        "count cold starts in logs",
        checks.cold,
        blank="Replace ... by the condition: when does a log show a cold start?",
        hint="Compare the two REPORT lines above: one of them has a field that the other lacks.",
        nearer="report.parse(log) reads that line for you; its result has init_ms, and says "
        "whether the call was cold.",
        misconceptions={
            "own-output": "A function may print anything, including the words that you look for. "
            "Only the REPORT line is Lambda's: look there.",
            "slow-is-cold": "A call can be slow and warm: it may wait for a database. INIT marks "
            "a cold start, not the duration.",
            "first-only": "The first call isn't the only cold one: every environment has its own "
            "first call, whenever it is made.",
        },
        mutations=(
            Mutation("report.parse(log).cold", '"Init Duration" in log', "own-output"),
            Mutation("(log).cold", "(log).duration_ms > 50", "slow-is-cold"),
            Mutation("for log in logs", "for log in logs[:1]", "first-only"),
            Mutation("report.parse(log).cold", "not report.parse(log).cold"),
            Mutation("report.parse(log).cold", "report.parse(log).init_ms == 0"),
        ),
    ),
    Check(
        "saved",
        "keep work from being frozen half done",
        checks.saved,
        blank="One line is missing in saver.py: what must happen before the handler returns?",
        hint="The thread needs 0.4 seconds, the handler none: look at which of them finishes "
        "first. What can a handler do about that?",
        nearer="A thread can be waited for: help(threading.Thread) names the method.",
        misconceptions={
            "answers-first": "The handler returns before the thread is done, and then the "
            "environment is frozen, thread and all. Sleeping in the handler, a little less or "
            "more, is luck: wait for the thread itself."
        },
        mutations=(
            Mutation("thread.join()", "pass", "answers-first"),
            Mutation("thread.join()", "time.sleep(0.01)", "answers-first"),
            Mutation("thread.join()", "thread.join(timeout=0.01)", "answers-first"),
            Mutation("thread.join()", "saved.append('done')"),
        ),
    ),
    Check(
        "durable",
        "choose what survives a timeout, and prove it",
        checks.durable,
        blank="durable.py is yours to write: deploy it with a timeout of one second, then run "
        "this cell.",
        hint="Two events in a row must return consecutive counts: {'count': 1}, then {'count': 2}, "
        "with no timeout in between.",
        nearer="Which of the two counters above was still there after the timeout? Keep your "
        "number in the same place, and be done with it before you wait.",
        misconceptions={
            "memory": "After the timeout your count started over: it was in the memory of a "
            "process that is gone. Which of the two counters above carried on?",
            "no-timeout": "The check sent {'wait': 9} and expected a timeout: the handler has to "
            "wait that many seconds, and the function needs timeout_s=1.",
            "late": "The event that ran into the timeout was not counted. Count first, then wait.",
        },
        mutations=(
            Mutation(
                "count = count + 1\n    file.write_text(str(count))",
                "count = globals()['n'] = globals().get('n', 0) + 1",
                "memory",
            ),
            Mutation(
                'file.write_text(str(count))\n    time.sleep(event.get("wait", 0))',
                'time.sleep(event.get("wait", 0))\n    file.write_text(str(count))',
                "late",
            ),
            Mutation('time.sleep(event.get("wait", 0))', "pass", "no-timeout"),
            Mutation("count = count + 1", "count = count + 2"),
            Mutation("file.write_text(str(count))", "pass"),
        ),
    ),
)

LAB = Lab(1, "under-the-hood", "A look under the hood", 35, PREDICTIONS, CHECKS)
