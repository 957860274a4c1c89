"""The progress bar: shown while a cell runs, then removed; nothing outside a notebook."""

import os
import re

import pytest
from jupyter_client.manager import start_new_kernel

from lambdadeck.shared.progress import ProgressBar, bar


def test_outside_a_notebook_nothing_is_shown(capsys):
    with ProgressBar(2) as progress:
        progress.step("one")
        progress.step("two")
    assert capsys.readouterr() == ("", "")


def test_the_bar_says_its_state_in_words_too():
    shown = bar(3, 16, "firing <S3>")
    assert 'max="16" value="3"' in shown
    assert (
        shown.count("3 of 16  firing &lt;S3&gt;") == 2
    )  # beside the bar, and as its name for who cannot see it


@pytest.mark.parametrize("fails", [False, True], ids=["to the end", "stopped by an error"])
def test_in_a_notebook_the_bar_moves_and_goes_away(fails, tmp_path):
    end = "raise ValueError('stopped')" if fails else "progress.step('two')"
    cell = (
        "from lambdadeck.shared.progress import ProgressBar\nwith ProgressBar(2) as progress:\n"
        f"    progress.step('one')\n    {end}"
    )
    shown = displays(cell, tmp_path)
    assert shown[0].startswith("<progress") and shown[-1] == ""
    assert re.findall(r"value=\"(\d)\"", " ".join(shown)) == (
        ["0", "0"] if fails else ["0", "0", "1"]
    )


def displays(cell, folder):
    """Return the HTML that a kernel displays in running the cell, in order."""
    manager, client = start_new_kernel(env=os.environ | {"IPYTHONDIR": str(folder)})
    messages = []
    try:
        client.execute_interactive(cell, timeout=60, output_hook=messages.append)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return [
        message["content"]["data"]["text/html"]
        for message in messages
        if "display_data" in message["msg_type"]
    ]
