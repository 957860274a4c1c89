"""The check of lab 4's decision: a sentence with both bills, region, date and source."""

import math
import re
from collections.abc import Sequence

from lambdadeck import costs
from lambdadeck.labs import probes
from lambdadeck.labs.lab4_checks import ARCH, BUSY, INSTANCE, ZONES, region
from lambdadeck.labs.model import MISS, RIGHT, Judgment, Phrase

REQUESTS, DURATION_MS, MEMORY_MB, PEAK = 60e6, 120, 1769, 10  # the case of the decision
_NUMBER = r"\d[\d,]*(?:\.\d+)?"
_AMOUNT = re.compile(
    rf"(?:\$|USD) ?({_NUMBER})|(?<![\w.,])({_NUMBER}) ?(?:(?:US ?)?\$(?! ?\d)|USD|(?:US )?dollars)",
    re.IGNORECASE,
)
_NAMES = {
    "lambda": re.compile(r"\blambda\b", re.IGNORECASE),
    "ec2": re.compile(r"\b(?:ec2|c7g(?:\.large)?|instances?|fleet|servers?)\b", re.IGNORECASE),
}
_CLAUSE = re.compile(
    r"[,;.!?)\n—–|]|\b(?:and|against|versus|vs|but|while|whereas|because|compared)\b", re.IGNORECASE
)
_COMPARES = re.compile(r"\b(?:than|instead|rather)\b", re.IGNORECASE)
Bills = Sequence["costs.LambdaBill | costs.Ec2Bill"]  # a page has neither: they need numpy


def decision(choice: str, sentence: str) -> str:
    """Test their choice, and their sentence for both bills with region, date and source."""
    if not isinstance(sentence, str) or not isinstance(choice, str):
        raise probes.NotTestedError("The check needs two texts: your choice, and your sentence.")
    chosen = choice.strip().lower().removeprefix("aws ").removeprefix("amazon ")
    if chosen not in ("lambda", "ec2"):
        raise probes.NotTestedError(f'Your choice is {choice!r}: write "Lambda" or "EC2".')
    bills = on_lambda, on_ec2 = lambda_bill(), fleet_bill()
    usd = float(on_lambda.total_usd), float(on_ec2.total_usd)
    wrong = _wrong_amounts(_amounts(sentence), *usd) or _swapped(sentence, bills)
    if not wrong and chosen != ("lambda" if usd[0] < usd[1] else "ec2"):
        wrong = "contradiction"
    if wrong := wrong or _unproved(sentence, bills):
        wanted = Phrase("both amounts with a $, each with its service; region, dates and sources")
        return Judgment(wrong, "choice, sentence", (choice, sentence), wanted)
    return RIGHT


def lambda_bill(arch: str = ARCH, *, free_tier: bool = False) -> costs.LambdaBill:
    """Return the case's month on Lambda."""
    return costs.lambda_bill(
        REQUESTS, DURATION_MS, MEMORY_MB, region=region(), arch=arch, free_tier=free_tier
    )


def fleet_bill(peak: float = PEAK) -> costs.Ec2Bill:
    """Return the case's month on EC2."""
    return costs.ec2_bill(
        INSTANCE,
        region=region(),
        requests=REQUESTS,
        duration_ms=DURATION_MS,
        memory_mb=MEMORY_MB,
        peak_factor=peak,
        utilization=BUSY,
        min_instances=ZONES,
    )


def _amounts(sentence: str) -> list[float]:
    return [_amount(found) for found in _AMOUNT.finditer(sentence)]


def _amount(found: re.Match[str]) -> float:
    number = found[1] or found[2]
    if re.search(r"^\d+,\d\d?$", number):  # a decimal comma
        return float(number.replace(",", "."))
    return float(number.replace(",", ""))


def _wrong_amounts(amounts: list[float], on_lambda: float, on_ec2: float) -> str:
    """Return the mistake in the amounts, "" if both bills are there to the nearest percent."""
    if len(amounts) < 2:
        return "one-sided"
    if not _among(on_ec2, amounts):
        average = float(fleet_bill(peak=1).total_usd)
        return "average" if _among(average, amounts) else MISS
    if _among(on_lambda, amounts):
        return ""
    if _among(float(lambda_bill("x86_64").total_usd), amounts):
        return "processor"
    free = float(lambda_bill(free_tier=True).total_usd)
    return "free-tier" if _among(free, amounts) else MISS


def _among(usd: float, amounts: list[float]) -> bool:
    return any(math.isclose(usd, amount, rel_tol=0.01) for amount in amounts)


def _swapped(sentence: str, bills: Bills) -> str:
    """Return "swapped" if a part of the sentence gives one service the amount of the other."""
    for bill in bills:
        sentence = sentence.replace(bill.source, "")
    usd = dict(zip(_NAMES, (float(bill.total_usd) for bill in bills), strict=True))

    def marked(found: re.Match[str]) -> str:
        near = [name for name, amount in usd.items() if _among(amount, [_amount(found)])]
        return f" usd_{near[0]} " if near else " "

    text = _AMOUNT.sub(marked, sentence)
    for name, pattern in _NAMES.items():
        text = pattern.sub(f" name_{name} ", text)
    for clause in _CLAUSE.split(text):
        names, amounts = (set(re.findall(rf"\b{kind}_(\w+)", clause)) for kind in ("name", "usd"))
        if len(names) == len(amounts) == 1 and names != amounts and not _COMPARES.search(clause):
            return "swapped"
    return ""


def _unproved(sentence: str, bills: Bills) -> str:
    if region() not in sentence:
        return "no-region"
    if not all(str(bill.as_of) in sentence for bill in bills):
        return "no-date"
    sources = [" ".join(bill.source.split()[:2]) for bill in bills]
    return "" if all(source in sentence for source in sources) else "no-source"
