"""`shenglu text`: a JSONL filter that adds the text columns to every row.

In: `{"id", "text"}` or `{"id", "body_b64", "content_type"}`; out, in order, one row each:
`{"id", "text", "script", "text_hans", "text_hant", "hant_doubt", "search_key"}`, with `charset`,
`charset_declared`, `charset_method` and `replacements` where bytes came in. A row that cannot be
read gives a row with `error`; the command goes on.
"""

import json
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pipelines.spans import Protection

__all__ = ["command"]


@click.command("text", short_help="Add script, Simplified, Traditional and search columns.")
@click.argument("source", type=click.File("rb"), default="-")
@click.option(
    "--protect",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Names to keep: one a line, or Traditional and Simplified form with a tab between.",
)
def command(source: IO[bytes], protect: Path | None) -> None:
    """Read JSONL rows and write them with their text columns, in order, one for one."""
    from pipelines.spans import read_protection

    protection = read_protection(protect) if protect else None
    for line in source:
        if line.strip():
            row = json.dumps(_answer(line, protection), ensure_ascii=False)
            sys.stdout.buffer.write(row.encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


def _answer(line: bytes, protection: "Protection | None") -> dict[str, Any]:
    """The row for one input line; what is wrong with the line goes into `error`."""
    try:
        row = json.loads(line)
    except ValueError as error:
        return {"id": None, "error": f"not a JSON object: {error}"}
    if not isinstance(row, dict):
        return {"id": None, "error": "not a JSON object: give one object a line"}
    answer: dict[str, Any] = {"id": row.get("id")}
    try:
        answer |= _decoded(row)
    except (TypeError, ValueError) as error:
        return answer | {"error": str(error)}
    return answer | _columns(answer["text"], protection)


def _decoded(row: dict[str, Any]) -> dict[str, Any]:
    import base64

    from pipelines.characters import clean
    from pipelines.charset import decode

    if isinstance(text := row.get("text"), str):
        return {"text": clean(text)}
    if not isinstance(body := row.get("body_b64"), str):
        raise TypeError('no "text" and no "body_b64" in the row: give one of them as a string')
    content_type = row.get("content_type")
    found = decode(
        base64.b64decode(body, validate=True), content_type if isinstance(content_type, str) else ""
    )
    return {
        "charset": found.charset,
        "charset_declared": found.declared,
        "charset_method": found.method,
        "replacements": found.replacements,
        "text": found.text,
    }


def _columns(text: str, protection: "Protection | None") -> dict[str, Any]:
    from pipelines.text import all_columns

    return all_columns(text, protection)._asdict()


if __name__ == "__main__":
    command()
