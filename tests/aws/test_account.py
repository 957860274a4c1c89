"""Asking for AWS, looking up who calls, and having that confirmed."""

import io

import pytest

from lambdadeck import aws

FOUND = aws.Caller(
    "210987654321", "eu-west-1", "aws", "https://lambda.eu-west-1.amazonaws.com", "talk"
)


@pytest.fixture(autouse=True)
def nobody_confirmed(monkeypatch):
    monkeypatch.setattr("lambdadeck.aws._confirmed", None)
    monkeypatch.delenv(aws.ACCOUNT, raising=False)
    monkeypatch.setenv(aws.ACCOUNT, "")  # so that what a test confirms is forgotten after it
    monkeypatch.delenv(aws.CLOUD, raising=False)


def test_only_the_word_asks_for_aws():
    cases = [
        ({}, False),
        ({"LAMBDADECK_CLOUD": ""}, False),
        ({"LAMBDADECK_CLOUD": "local"}, False),
        ({"LAMBDADECK_CLOUD": "aws"}, True),
        ({"LAMBDADECK_CLOUD": "AWS"}, True),
        ({"AWS_PROFILE": "prod"}, False),
    ]
    assert [aws.asked(given) for given, _ in cases] == [asked for _, asked in cases]


def test_any_other_word_is_refused_with_a_sentence():
    said = "there are only two clouds: set it to 'aws' for real AWS, or unset it"
    for given in ("nonsense", "azure", "aws "):
        with pytest.raises(ValueError, match=said):
            aws.asked({"LAMBDADECK_CLOUD": given})


def test_a_named_profile_beats_keys_that_lie_about():
    environ = {
        "AWS_ACCESS_KEY_ID": "AKIA",
        "AWS_SECRET_ACCESS_KEY": "s",
        "AWS_SESSION_TOKEN": "t",
        "AWS_DEFAULT_PROFILE": "old",
    }
    aws.ask_for("talk", "us-east-2", environ)
    assert environ == {
        "LAMBDADECK_CLOUD": "aws",
        "AWS_PROFILE": "talk",
        "AWS_REGION": "us-east-2",
        "AWS_DEFAULT_REGION": "us-east-2",
    }


def test_without_a_profile_the_users_own_chain_stays_as_it_is():
    environ = {
        "AWS_ACCESS_KEY_ID": "AKIA",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/",
        "AWS_REGION": "eu-west-3",
    }
    aws.ask_for(None, None, environ)
    assert aws.handed_on(environ | {"HOME": "/home/ada"}) == {**environ, "LAMBDADECK_CLOUD": "aws"}


def test_what_is_shown_of_an_account_is_four_digits():
    assert str(FOUND) == repr(FOUND) == "AWS account …4321, region eu-west-1, profile talk"
    other = aws.Caller("210987654321", "eu-west-1", "aws", "http://127.0.0.1:4566")
    assert str(other).endswith(", at http://127.0.0.1:4566")


def test_the_four_digits_confirm():
    question = io.StringIO()
    aws.ask(FOUND, question, io.StringIO("4321\n"))
    assert aws.confirmed() == FOUND and question.getvalue().startswith("AWS account …4321")


def test_nothing_else_confirms():
    for said in ("", "\n", "yes\n", "no\n", "4322\n", "210987654321\n", "1\n", "43210\n"):
        with pytest.raises(aws.StoppedError, match="nothing was made and nothing was started"):
            aws.ask(FOUND, io.StringIO(), io.StringIO(said))
        with pytest.raises(aws.StoppedError, match="not yet connected to"):
            aws.confirmed()


def test_a_terminal_that_goes_away_confirms_nothing():
    class Gone(io.StringIO):
        def readline(self, *_):
            raise OSError(5, "Input/output error")

    with pytest.raises(aws.StoppedError, match="nothing was started"):
        aws.ask(FOUND, io.StringIO(), Gone())


def test_the_account_named_beforehand_confirms_without_a_question():
    aws.check(FOUND, "210987654321")
    assert aws.confirmed() == FOUND


def test_no_account_or_another_does_not():
    for named in (None, "", "111122223333", "4321", "021098765432", "yes"):
        with pytest.raises(aws.StoppedError, match="LAMBDADECK_ACCOUNT") as stopped:
            aws.check(FOUND, named)
        said = str(stopped.value)
        assert "210987654321" not in said and "111122223333" not in said, named


def test_a_question_needs_somebody_who_sees_it_and_can_answer(monkeypatch):
    class Stream:
        def __init__(self, is_terminal):
            self.isatty = lambda: is_terminal

    yes, no = Stream(True), Stream(False)
    for stdin, stderr, expected in (
        (yes, yes, True),
        (yes, no, False),
        (no, yes, False),
        (None, yes, False),
    ):
        with monkeypatch.context() as patch:
            patch.setattr("sys.stdin", stdin)
            patch.setattr("sys.stderr", stderr)
            found = aws.is_terminal()
        assert found is expected, (stdin, stderr)


def test_aws_is_waited_for_longer(monkeypatch):
    assert (aws.limit_s(10), aws.limit_s(30)) == (10, 30)
    monkeypatch.setenv("LAMBDADECK_CLOUD", "aws")
    assert (aws.limit_s(10), aws.limit_s(30)) == (60, 90)
