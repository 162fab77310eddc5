"""Each recit of docs/recits/ is run: its prose is for people, its code for us.

The blocks marked python are run one after the other, in one story. Those who act
are there already (`manon`, `lea`…: the table at the head of the recit).
"""

import re
from pathlib import Path

import pytest

from tests.recits import cast

RECITS = sorted((Path(__file__).parents[2] / "docs" / "recits").glob("*.md"))
BLOCK = re.compile(r"^```python\n(.*?)^```", re.M | re.S)


def test_there_are_recits_to_run():
    assert RECITS


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("recit", RECITS, ids=lambda path: path.stem)
def test_a_recit_goes_to_its_end(recit, visit):
    text = recit.read_text("utf-8")
    story = cast.gather(visit)
    blocks = list(BLOCK.finditer(text))
    assert blocks
    for block in blocks:
        line = text.count("\n", 0, block.start(1))
        # Blank lines before: a failure names its line in the recit.
        code = compile("\n" * line + block.group(1), str(recit), "exec")
        exec(code, story)
