"""Writes the help text of every verb into docs/cli.md, between the fences that name it.

Run by `make docs`; `tests/contract/test_docs.py` compares. Prose around the blocks is kept.
"""

import re
import sys
from pathlib import Path

import click

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from crawlers.cli import shenglu  # noqa: E402 - the checkout, not what happens to be installed

DOCUMENT = ROOT / "docs/cli.md"
WIDTH = 100
BLOCK = re.compile(r"```text shenglu( [a-z]+)?\n.*?```", re.DOTALL)


def help_of(verb: str) -> str:
    """The help text of a verb, or of the whole command for an empty string."""
    outer = click.Context(shenglu, info_name="shenglu", max_content_width=WIDTH)
    outer.terminal_width = WIDTH
    if not verb:
        return shenglu.get_help(outer)
    command = shenglu.get_command(outer, verb)
    if command is None:
        raise SystemExit(f"docs/cli.md describes a verb that does not exist: {verb}")
    inner = click.Context(command, info_name=verb, parent=outer)
    inner.terminal_width = WIDTH
    return command.get_help(inner)


def fill(text: str) -> str:
    """The document with every block replaced by the present help text."""

    def block(found: re.Match[str]) -> str:
        name = found[1] or ""
        return f"```text shenglu{name}\n{help_of(name.strip())}\n```"

    return BLOCK.sub(block, text)


if __name__ == "__main__":
    DOCUMENT.write_text(fill(DOCUMENT.read_text("utf-8")), "utf-8")
