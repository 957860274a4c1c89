"""A .travis.yml is read with its lines, and whatever is wrong with it gets a sentence that names the line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdadeck.deployment import travis
from lambdadeck.deployment.travis import options, parser
from lambdadeck.deployment.travis.conditions import Build, decide
from lambdadeck.deployment.travis.parser import BadTravisFile

MALFORMED = {  # what somebody may type: the line that is named, and words of the sentence
    "a tab": ("deploy:\n\tprovider: lambda\n", 2, "a tab indents this line; YAML wants spaces"),
    "a colon too many": (
        "deploy:\n  provider: lambda: x\n",
        2,
        "put a value that holds ': ' in quotes",
    ),
    "a key that is indented too far": (
        "deploy:\n  provider: lambda\n   region: x\n",
        3,
        "indent the line like its neighbours",
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
    "a control character": ("deploy:\n  role: a\x07b\n", 2, "is not allowed in YAML: remove it"),
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
    "a merge of a word": (
        "deploy:\n  <<: word\n  provider: lambda\n",
        2,
        "<< takes an anchored group of keys",
    ),
    "a depth without end": ("deploy: " + "[" * 20_000, 1, "nested too deep"),
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_what_is_malformed_gets_a_sentence_with_its_line(kind):
    text, line, words = MALFORMED[kind]
    with pytest.raises(BadTravisFile) as refused:
        parser.read(text)
    assert str(refused.value).startswith(f"Line {line}: ") and words in str(refused.value)
    assert str(refused.value).endswith(".") and "\n" not in str(refused.value)


def test_every_key_and_value_has_its_line():
    (block,) = parser.read(
        "language: node_js\ndeploy:\n  provider: lambda\n  timeout: 20\n  layers:\n    - a\n    - b\n"
    )
    assert (block.provider, block.line) == ("lambda", 3)
    assert [(name, value.line) for name, value in block.fields.items()] == [
        ("provider", 3),
        ("timeout", 4),
        ("layers", 6),
    ]
    assert [(item.text, item.line) for item in block.fields["layers"].items] == [("a", 6), ("b", 7)]


def test_values_stay_as_they_are_written():
    (block,) = parser.read("deploy: {provider: lambda, on: yes, timeout: 010, role: null}")
    assert [value.text for value in block.fields.values()] == ["lambda", "yes", "010", ""]


def test_a_list_has_several_providers():
    assert [
        block.line for block in parser.read("deploy:\n- provider: lambda\n- provider: s3\n")
    ] == [2, 3]


def test_what_is_merged_gives_way_to_the_blocks_own_keys():
    text = "x: &x {region: a, role: r}\ndeploy:\n  <<: *x\n  provider: lambda\n  region: b\n"
    (block,) = parser.read(text)
    assert {name: value.text for name, value in block.fields.items()} == {
        "region": "b",
        "role": "r",
        "provider": "lambda",
    }


def test_no_object_is_ever_made_from_a_tag(tmp_path):
    made = tmp_path / "made"
    (block,) = parser.read(
        f"deploy:\n  provider: lambda\n  role: !!python/object/apply:pathlib.Path.touch [{made}]\n"
    )
    assert block.fields["role"].items and not made.exists()


SLIPS = st.lists(
    st.tuples(
        st.integers(0, 600),
        st.sampled_from([*"[]{}:-'\"&*!|>%@`#,?\t\n \\\x07$<=.", ""]),
        st.booleans(),
    ),
    max_size=5,
)


@given(slips=SLIPS)
def test_whatever_slips_in_the_file_is_read_or_refused_in_a_sentence(slips):
    text = travis.OF_2017.read_text()
    for place, character, insert in slips:
        text = text[:place] + character + text[place + (not insert) :]
    try:
        for block in parser.read(text):
            decide(block, Build(), {})
            options.settings(
                block,
                {
                    "AWS_ACCESS_KEY_ID": "a",
                    "AWS_SECRET_ACCESS_KEY": "b",
                    "TRAVIS_BUILD_NUMBER": "1",
                },
            )
    except BadTravisFile as refused:
        assert 1 <= refused.line <= text.count("\n") + 1 and str(refused).endswith((".", "?"))
