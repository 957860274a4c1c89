"""A .travis.yml is read with its lines; what is wrong gets a sentence that names the line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdadeck.deployment import travis
from lambdadeck.deployment.travis import TravisFileError, options, parser

MALFORMED = {  # typing mistakes: the line that is named, and words of the sentence
    "a tab": ("deploy:\n\tprovider: lambda\n", 2, "a tab indents this line; YAML wants spaces"),
    "a colon too many": ("deploy:\n  provider: lambda: x\n", 2, "quote the value that holds ': '"),
    "a key that is indented too far": (
        "deploy:\n  provider: lambda\n   region: x\n",
        3,
        "indent this line like its neighbors",
    ),
    "an open quotation": (
        "deploy:\n  provider: 'lambda\n  region: x\n",
        2,
        "a quotation begins here and never ends",
    ),
    "an open bracket": ("deploy:\n  layers: [a,\n", 2, "a bracket opens here and never closes"),
    "a backslash": ('deploy:\n  zip: "code\\k"\n', 2, "use single quotes"),
    "a star alone": ("deploy:\n  zip: * x\n", 2, "put the value in quotes"),
    "a bar alone": ("deploy:\n  zip: |code\n", 2, "put the value in quotes"),
    "a missing comma": (
        "deploy:\n  layers: ['a' 'b']\n",
        2,
        "two values in a bracket need a comma",
    ),
    "an open brace": ("deploy: {provider: lambda\n", 1, "a bracket opens here and never closes"),
    "an alias of nothing": (
        "deploy:\n  role: *arn\n",
        2,
        "*arn is used, but nothing before it defines &arn",
    ),
    "a forbidden first letter": (
        "deploy:\n  role: @arn\n",
        2,
        "@ cannot start a value: put the value in quotes",
    ),
    "a list beside keys": ("- a\ndeploy:\n", 2, "indentation fits none of the lines above"),
    "a key without its colon": (
        "deploy:\n  provider: lambda\n  region\n  role: x\n",
        3,
        "a key without its colon",
    ),
    "a control character": (
        "deploy:\n  role: a\x07b\n",
        2,
        "is not allowed in YAML: write UTF-8 without it",
    ),
    "two documents": (
        "deploy: {provider: lambda}\n---\ndeploy: {}\n",
        2,
        "--- begins a second document",
    ),
    "nothing": ("# only a comment\n", 1, "the file is empty"),
    "a list": ("- provider: lambda\n", 1, "and this is a list"),
    "no deploy": ("script: make\n", 1, "there is no deploy: here"),
    "deploy with a word": ("deploy: lambda\n", 1, "Begin with `provider: lambda`"),
    "deploy with nothing": (
        "script: x\ndeploy:\n",
        2,
        "a provider of deploy: is keys with values, and this is not",
    ),
    "no provider": ("deploy:\n  - region: x\n", 2, "provider is missing"),
    "a key twice": (
        "deploy:\n  provider: lambda\n  role: a\n  role: b\n",
        4,
        "role stands twice, first in line 3",
    ),
    "a list as a key": ("deploy:\n  ? [a]\n  : b\n", 2, "a list where a key must stand"),
    "an alias inside its anchor": (
        "deploy: &d\n  provider: lambda\n  layers: [*d]\n",
        1,
        "holds itself",
    ),
    "another provider": ("deploy:\n  provider: s3\n", 2, "write `provider: lambda`"),
    "two providers": (
        "deploy:\n- provider: lambda\n- provider: lambda\n",
        3,
        "a second provider is not supported here",
    ),
    "a depth without end": ("deploy: " + "[" * 20_000, 1, "nested too deep"),
}


def test_what_is_malformed_gets_a_sentence_with_its_line():
    wrong = []
    for kind, (text, line, words) in MALFORMED.items():
        with pytest.raises(TravisFileError) as refused:
            parser.read(text)
        sentence = str(refused.value)
        if not (sentence.startswith(f"Line {line}: ") and words in sentence):
            wrong.append((kind, sentence))
        if not sentence.endswith(".") or "\n" in sentence:
            wrong.append((kind, sentence))
    assert wrong == []


def test_every_key_and_value_has_its_line():
    provider = parser.read(
        "language: node_js\ndeploy:\n  provider: lambda\n  timeout: 20\n"
        "  layers:\n    - a\n    - b\n"
    )
    assert (provider.fields["provider"].text, provider.line) == ("lambda", 3)
    assert [(name, value.line) for name, value in provider.fields.items()] == [
        ("provider", 3),
        ("timeout", 4),
        ("layers", 6),
    ]
    layers = provider.fields["layers"]
    assert [(item.text, item.line) for item in layers.items] == [("a", 6), ("b", 7)]


def test_values_stay_as_they_are_written():
    provider = parser.read("deploy: {provider: lambda, on: yes, timeout: 010, role: null}")
    assert [value.text for value in provider.fields.values()] == ["lambda", "yes", "010", ""]


def test_no_object_is_ever_made_from_a_tag(tmp_path):
    made = tmp_path / "made"
    provider = parser.read(
        f"deploy:\n  provider: lambda\n  role: !!python/object/apply:pathlib.Path.touch [{made}]\n"
    )
    assert provider.fields["role"].items and not made.exists()


SLIPS = st.lists(
    st.tuples(
        st.integers(0, 600),
        st.sampled_from([*"[]{}:-'\"&*!|>%@`#,?\t\n \\\x07$<=.", ""]),
        st.booleans(),
    ),
    max_size=5,
)
FACTS = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "TRAVIS_BUILD_NUMBER": "1"}


@given(slips=SLIPS)
def test_whatever_slips_in_the_file_is_read_or_refused_in_a_sentence(slips):
    text = travis.OF_2017.read_text()
    for place, character, insert in slips:
        text = text[:place] + character + text[place + (not insert) :]
    error = refusal(text)
    if error is not None:
        assert 1 <= error.line <= text.count("\n") + 1 and str(error).endswith((".", "?"))


def refusal(text):
    try:
        provider = parser.read(text)
        options.decide(provider, "master")
        options.settings(provider, FACTS)
    except TravisFileError as error:
        return error
    return None
