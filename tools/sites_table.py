"""Writes the table of sources into docs/sites.md, below the line that says so.

Run by `make docs`; `tests/contract/test_sites_table.py` compares. The prose above is kept.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from crawlers.registry import site_rows  # noqa: E402 - the checkout, not what is installed

DOCUMENT = ROOT / "docs/sites.md"
MARK = "<!-- made by tools/sites_table.py: do not edit below -->\n"


def table() -> str:
    """One line a site."""
    lines = [
        "| site | what it is | gives | crawled | verified by | robots.txt and walls |",
        "|---|---|---|---|---|---|",
    ]
    for row in site_rows():
        cells = (
            f"`{row['site']}`",
            row["about"].rstrip("."),
            ", ".join(row["gives"]),
            "yes" if row["crawled"] else "saved pages only",
            row["verified"],
            row["robots"] or "read and obeyed",
        )
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def fill(text: str) -> str:
    """The document with the present table."""
    return text.partition(MARK)[0] + MARK + "\n" + table()


if __name__ == "__main__":
    DOCUMENT.write_text(fill(DOCUMENT.read_text("utf-8")), "utf-8")
