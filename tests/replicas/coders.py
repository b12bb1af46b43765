"""Two coders for the survey example: they fill a sheet from the truth of the replicas.

The first knows every camp; the second errs on one unit in twelve, by a seed, so that agreement is
high and not perfect. `python -m tests.replicas.coders sheet.csv FOLDER` writes both sheets.
"""

import csv
import io
import random
import sys
from functools import cache
from pathlib import Path

from pipelines.search_key import search_key
from tests.replicas.truth import SITES, lines, truth

__all__ = ["camp_of", "fill"]

CAMPS = ("praise", "doubt", "tech", "other")
NAMES = ("ming", "yun")
_ERRS = 1 / 12


@cache
def _camps():
    known = {}
    for site in SITES:
        for epoch in (1, 2):
            for comment in truth(site, epoch).comments:
                code = comment.camp if comment.camp in CAMPS else "other"
                known.setdefault(search_key(lines(comment.text)), code)
    return known


def camp_of(quote):
    """The camp that the truth has for a comment of that text; other for an article."""
    return _camps().get(search_key(lines(quote)), "other")


def fill(sheet, folder):
    """Write the sheet as each of the two coders would fill it; returns their paths."""
    rows = list(csv.DictReader(io.StringIO(sheet.read_text("utf-8-sig"))))
    dice = random.Random(12)  # noqa: S311 - reproducible, not secret
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for coder in NAMES:
        out = io.StringIO()
        writer = csv.DictWriter(out, rows[0].keys())
        writer.writeheader()
        for row in rows:
            code = camp_of(row["quote"].removeprefix("'"))
            if coder == NAMES[1] and dice.random() < _ERRS:
                code = dice.choice([other for other in CAMPS if other != code])
            writer.writerow({**row, "code": code})
        made.append(folder / f"{coder}.csv")
        made[-1].write_text(out.getvalue(), "utf-8-sig", newline="")
    return made


if __name__ == "__main__":
    sys.stdout.write("\n".join(map(str, fill(Path(sys.argv[1]), Path(sys.argv[2])))) + "\n")
