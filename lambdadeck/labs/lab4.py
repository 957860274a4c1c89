"""Lab 4, what it costs: the price of a call, the cheapest memory, a fair comparison with EC2."""

from lambdadeck.labs import decision
from lambdadeck.labs import lab4_checks as checks
from lambdadeck.labs.model import Check, Choice, Lab, Mutation, Number

PREDICTIONS = (
    Number("million", "US dollars"),
    Choice(
        "memory",
        {"a": "it doubles", "b": "it stays about the same", "c": "it halves"},
        lambda times: "a" if times > 1.5 else "c" if times < 0.67 else "b",
    ),
    Number("rounding", "times"),
    Number("busy", "percent"),
)

CHECKS = (
    Check(
        "call",
        "price a call from its REPORT line",
        checks.call,
        blank="Two calculations are open: the GB-seconds of the call, and what they and the "
        "request cost.",
        hint="Try usd on a report of your own: a million of these calls must cost what the figure "
        "above says. Which of the two parts, GB-seconds or request, is off?",
        nearer="REPORT counts in MB and milliseconds, the price in GB and seconds: convert before "
        "you multiply. And a call is a request too.",
        misconceptions={
            "not-billed": "That is priced by the duration. REPORT has another number beside it, "
            "rounded up to whole milliseconds and with INIT in it when the call was cold.",
            "used-memory": "You pay for the memory that the function was given, not for what it "
            "used.",
            "thousand": "Nearly: a GB has 1024 MB here, and the difference is 2.4 percent of "
            "every bill.",
            "no-request": "The GB-seconds are right. Each call is one request too, and requests "
            "have a price of their own.",
            "milliseconds": "Your GB-seconds are a thousand times too many: REPORT counts "
            "milliseconds.",
        },
        mutations=(
            Mutation("report.billed_ms", "report.duration_ms", "not-billed"),
            Mutation("report.memory_mb", "report.max_memory_mb", "used-memory"),
            Mutation("memory_mb / 1024", "memory_mb / 1000", "thousand"),
            Mutation(" + price.usd_per_request", "", "no-request"),
            Mutation("report.billed_ms / 1000", "report.billed_ms", "milliseconds"),
            Mutation("gb_s * price.usd_per_gb_s +", "price.usd_per_gb_s +"),
        ),
        praise="To the last digit what the cost model says, for four calls from 128 to 10,240 "
        "MB, one of them cold.",
    ),
    Check(
        "memory",
        "choose a memory size by what a call costs and how long it may take",
        checks.memory,
        blank="Fill in what is fast enough and what is cheapest, deploy hasher with your choice, "
        "then run this cell.",
        hint="The check gave your function measurements of calls that compute and of calls that "
        "wait, with several limits. Take two steps: which are in time, and which of those is "
        "cheapest?",
        nearer="A call that takes exactly the limit is in time. Of those in time, compare what a "
        "call costs, which dollars tells you, not how large or fast it is.",
        misconceptions={
            "fastest": "That takes the fastest. A limit is met or it is not; nobody pays for "
            "being faster than that.",
            "any-time": "The cheapest of all, however long it takes: limit_ms has no effect.",
            "least-memory": "The least memory is not always the cheapest: a call that computes "
            "takes so much longer there that it can cost more. Compare what the calls cost.",
            "not-deployed": "Your function chooses well. But hasher has a different memory size "
            "from the one that it chooses from your measurements: deploy it with best.memory_mb.",
        },
        mutations=(
            Mutation("key=dollars", "key=lambda r: r.duration_ms", "fastest"),
            Mutation("r.duration_ms <= limit_ms", "r.duration_ms > 0", "any-time"),
            Mutation("key=dollars", "key=lambda r: r.memory_mb", "least-memory"),
            Mutation("memory_mb=best.memory_mb", "memory_mb=640", "not-deployed"),
            Mutation("min(fast, key=dollars)", "fast[0]"),
            Mutation("r.duration_ms <= limit_ms", "r.duration_ms >= limit_ms"),
        ),
    ),
    Check(
        "fleet",
        "size a fleet on EC2 as a fair comparison needs it",
        checks.fleet,
        blank="Two lines are open: the requests under way at the peak, and the instances that "
        "they need.",
        hint="Go through the four rules above one by one, with fleet(20, 4, 0.25, 2): how many "
        "requests are under way at the peak, and how many of them does one instance take?",
        nearer="Each rule changes one number: the rate, what an instance takes, and how few "
        "instances there may be. And no part of an instance can be rented.",
        misconceptions={
            "average": "Your fleet carries the average, and falls over at noon. Lambda is paid "
            "by the call; instances have to be there for the peak.",
            "one-zone": "With one instance the service is gone whenever that instance or its "
            "zone is.",
            "full": "Your instances run at 100 percent at the peak: requests would queue, and "
            "one instance that fails takes the rest with it. Plan for 65.",
            "rounded-down": "Nobody rents 0.4 of an instance. After rounding down, nothing "
            "serves the rest.",
            "one-by-one": "An instance serves several requests at once, Lambda's environments "
            "one: that is at_once.",
        },
        mutations=(
            Mutation("per_second * peak * seconds", "per_second * seconds", "average"),
            Mutation("max(2, ", "max(1, ", "one-zone"),
            Mutation("(at_once * 0.65)", "at_once", "full"),
            Mutation("math.ceil(", "math.floor(", "rounded-down"),
            Mutation("at_once * 0.65", "0.65", "one-by-one"),
            Mutation("per_second * peak * seconds", "per_second * peak"),
        ),
    ),
    Check(
        "decide",
        "decide between Lambda and EC2 in a sentence with numbers, region, date and source",
        decision.decision,
        blank="Work out both bills, choose, and write your sentence. Then run this cell.",
        hint="Read the case again, number by number: requests, duration, memory, peak, "
        "architecture, instance type, how busy, how many at least. One of them is not in your "
        "bills.",
        nearer="help(costs.lambda_bill) and help(costs.ec2_bill) list what they take: the case has "
        "a number for each. Both totals go into the sentence, with a $ each.",
        misconceptions={
            "one-sided": "A decision compares: the sentence needs both amounts a month, each "
            "with a $.",
            "average": "That is what EC2 costs for the average load. In the busiest hour ten "
            "times as much arrives, and the instances for it are there all month.",
            "processor": "Your Lambda runs on x86_64, and the instance on arm64: compare like "
            "with like.",
            "free-tier": "The case says without the free tier: it belongs to the account, and "
            "other functions may have used it up.",
            "contradiction": "Your two amounts say the opposite of your choice.",
            "swapped": "Look again at which amount is whose: a part of your sentence gives one "
            "service the amount of the other.",
            "no-region": "Where does that hold? Prices differ between regions: name it, as AWS "
            "writes it.",
            "no-date": "Since when does that hold? Both bills say when their prices were noted: "
            "as_of, year first.",
            "no-source": "Who says so? Both bills name where their prices are from: source.",
        },
        mutations=(
            Mutation('${on_ec2.total_usd:,.0f} for"', 'EC2 with"', "one-sided"),
            Mutation("peak_factor=10", "peak_factor=1", "average"),
            Mutation('arch="arm64")', 'arch="x86_64")', "processor"),
            Mutation('arch="arm64")', 'arch="arm64", free_tier=True)', "free-tier"),
            Mutation('a month on Lambda"', 'a month on EC2"', "swapped"),
            Mutation('choice = "Lambda"', 'choice = "EC2"', "contradiction"),
            Mutation("in {here.region}.", "in Europe.", "no-region"),
            Mutation("{on_lambda.as_of}", "this year", "no-date"),
            Mutation("{on_ec2.source}", "a price list", "no-source"),
            Mutation("60e6", "6e6"),
            Mutation("min_instances=2", "min_instances=30"),
        ),
        praise="Both amounts, where, since when, and who says so: anyone who doubts it can look "
        "it up, and anyone who reads it in a year knows what to look up again.",
    ),
)

LAB = Lab(4, "what-it-costs", "What it costs", 40, PREDICTIONS, CHECKS)
