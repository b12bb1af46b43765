"""Shows the WARC record behind a row: what the site really sent, and when."""

import codecs
import hashlib
import json
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from archive.model import Capture
    from archive.query import Evidence
    from archive.root import Root

__all__ = ["show_evidence"]


def show_evidence(root: "Root", wanted: str, *, raw: bool, as_json: bool) -> None:
    """Print the newest record of an id: WARC header, HTTP head, body as text.

    `raw` writes the record's bytes as stored, unzipped, for other tools. Older versions are
    named on standard error. Raises `UsageError` for an unknown id or one without a record,
    `CaptureError` for a record that cannot be read.
    """
    from archive.errors import UsageError
    from archive.query import connect, evidence, warc_resolver
    from archive.warc_read import read_capture, read_record

    with connect(root) as connection:
        found = evidence(root, wanted, connection)
        newest = next((one for one in found if one.pointer), None)
        if newest is None or newest.pointer is None:
            raise UsageError(f"{wanted} has no WARC record: nothing of that exchange was kept")
        for older in found:
            if older is not newest and older.pointer and not as_json:
                click.echo(_title(older), err=True)
        record = read_record(root, newest.pointer)
        if raw:
            sys.stdout.buffer.write(record)
            return
        capture = read_capture(root, newest.pointer, warc_resolver(connection))
        used = connection.execute(
            "SELECT charset_used FROM fetches WHERE fetch_id = ?", [newest.row["fetch_id"]]
        ).fetchone()
    charset = (used[0] if used else None) or _declared(capture)
    _print(newest, record, (capture, charset), as_json=as_json)


def _print(
    found: "Evidence", record: bytes, decoded: "tuple[Capture, str]", *, as_json: bool
) -> None:
    from crawlers.commands.printing import plain

    capture, charset = decoded
    body = capture.body.decode(charset, "replace")
    header, _, block = record.partition(b"\r\n\r\n")
    head = block.partition(b"\r\n\r\n")[0] if capture.status else b""
    if as_json:
        shown = {
            "table": found.table,
            "row": plain(found.row),
            "warc": {
                "filename": found.pointer.filename if found.pointer else None,
                "offset": found.pointer.offset if found.pointer else None,
                "length": found.pointer.length if found.pointer else None,
                "header": header.decode("utf-8", "replace").splitlines(),
            },
            "http": head.decode("latin-1").splitlines(),
            "payload_sha256": hashlib.sha256(capture.body).hexdigest(),
            "body": body,
        }
        click.echo(json.dumps(shown, ensure_ascii=False))
        return
    click.echo(_title(found), err=True)
    click.echo(f"# payload SHA-256 {hashlib.sha256(capture.body).hexdigest()}", err=True)
    for part in (header.decode("utf-8", "replace"), head.decode("latin-1"), body):
        if part:
            click.echo("\n".join(part.splitlines()) + "\n")


def _title(found: "Evidence") -> str:
    row, pointer = found.row, found.pointer
    names = ("source", "thread_id", "article_id", "comment_id", "version", "url")
    parts = [f"{name} {row[name]}" for name in names if row.get(name) is not None]
    if pointer:
        parts.append(f"warc/{pointer.filename} bytes {pointer.offset}+{pointer.length}")
    return f"# {found.table}: {', '.join(parts)}, observed {row['observed_at']:%Y-%m-%dT%H:%M:%SZ}"


def _declared(capture: "Capture") -> str:
    named = capture.header("Content-Type").lower().partition("charset=")[2]
    name = named.partition(";")[0].strip(" '\"") or "utf-8"
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "utf-8"
