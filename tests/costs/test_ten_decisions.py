"""Ten decisions, each calculated by hand in the document that a lead reads."""

import math

from lambdadeck.costs import judge
from tests.support.ten_decisions import DECISIONS, DOCUMENT, calculated, document


def test_ten_decisions_come_to_what_a_calculation_by_hand_says() -> None:
    wrong = []
    for one in DECISIONS:
        verdict = judge(one.work)
        count = max(math.ceil(calculated(one.fleet) * (1 - 1e-6)), one.work.zones)
        bills = (verdict.lambda_usd, verdict.ec2_usd)
        hand = (calculated(one.on_lambda), calculated(one.on_ec2))
        if [round(usd, 2) for usd in bills] != [round(usd, 2) for usd in hand]:
            wrong.append((one.service, bills, hand))
        if verdict.instances != count:
            wrong.append((one.service, verdict.instances, count))
        winner = "Lambda" if hand[0] < hand[1] else "EC2"
        if not verdict.sentence.startswith(f"{winner} is cheaper"):
            wrong.append((one.service, verdict.sentence))
    assert wrong == [] and len(DECISIONS) == 10


def test_the_document_says_what_the_cost_model_says() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), (
        "run python -m tests.support.ten_decisions"
    )
