"""Files of others in this repository are the ones that were published."""

import hashlib
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("assets/deck/reveal", "assets/fonts", "tests/vendor/axe-core")


def test_every_vendored_file_has_the_checksum_that_is_on_record():
    wrong = []
    for folder in (ROOT / name for name in FOLDERS):
        stated = json.loads((folder / "version.json").read_text())["sha256"]
        found = {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.iterdir()
            if path.name != "version.json"
        }
        wrong += [name for name in found | stated if found.get(name) != stated.get(name)]
    assert wrong == []
