"""Terms are linked where a lab uses them for the first time; the first cell helps where it runs."""

import json
import re
import subprocess
import sys

from lambdadeck.labs import generate, glossary
from tests.support.labs import notebooks
from tests.support.notebooks import FOLDER

TEXT = (FOLDER / "GLOSSARY.md").read_text("utf-8")
TERMS = glossary.terms(TEXT)


def words(source, name="words"):
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source.splitlines(True)}


def test_each_heading_is_a_term_with_a_definition_and_a_form_stands_for_one_term():
    assert len(TERMS) == len(re.findall("^## ", TEXT, re.MULTILINE)) > 40
    forms = [form.lower() for term in TERMS for form in (term.name, *term.forms)]
    assert sorted(set(forms)) == sorted(forms)
    assert [term.name for term in TERMS if len(term.definition.split()) < 5] == []


def test_the_first_use_alone_is_linked_and_code_headings_links_and_solutions_stay(tmp_path):
    (tmp_path / "GLOSSARY.md").write_text(
        '# Glossary\n\n## zone\n\nA "place".\n\nAlso: zones.\n\n## time zone\n\nNot this.\n'
    )
    cells = [
        words("## A zone\n\n`zone`, [zone](x), time zone, zoned, two zones and a zone."),
        words("zone", "check-x-solution"),
        words("Zone"),
    ]
    linked = ["".join(cell["source"]) for cell in glossary.linked(cells, tmp_path)]
    assert linked == [
        "## A zone\n\n`zone`, [zone](x), "
        '[time zone](GLOSSARY.md#time-zone "Not this."), zoned, two '
        "[zones](GLOSSARY.md#zone \"A 'place'.\") and a zone.",
        "zone",
        "Zone",
    ]


def test_every_lab_links_its_terms_and_every_term_is_linked_somewhere():
    linked = set()
    for lab in notebooks():
        cells = json.loads((FOLDER / lab.path.name).read_text("utf-8"))["cells"]
        text = "\n".join("".join(cell["source"]) for cell in cells)
        found = re.findall(r"\]\(GLOSSARY\.md#([\w-]+)", text)
        assert len(found) == len(set(found)) >= 7, lab.path.name
        linked |= set(found)
    assert sorted({term.anchor for term in TERMS} - linked) == []


def test_the_first_cell_does_nothing_in_the_project_and_says_what_to_do_elsewhere(tmp_path):
    source = re.sub(r"^ *%pip.*\n", "", generate.READY, flags=re.MULTILINE)
    here = subprocess.run([sys.executable, "-c", source], cwd=tmp_path, text=True)
    assert here.returncode == 0
    bare = subprocess.run(
        [sys.executable, "-I", "-S", "-c", source], cwd=tmp_path, text=True, capture_output=True
    )
    assert bare.returncode == 1
    assert "get the repository" in bare.stderr
    assert bare.stderr.count("\n") == 1
    below = FOLDER / "solutions"
    found = f"{source}\nimport lambdadeck; print(lambdadeck.__file__)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", found], cwd=below, text=True, capture_output=True
    )
    assert done.stdout.strip().endswith("lambdadeck/__init__.py"), done.stderr
