"""`shenglu forget`: take content down, and keep it from coming back."""

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawlers.commands.options import ARCHIVE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.removal import Target
    from archive.root import Root

__all__ = ["command"]

_HASH = re.compile(r"[0-9a-f]{32}")


@click.command(short_help="Take content down, and keep it from coming back.")
@ARCHIVE
@click.option(
    "--author",
    metavar="SOURCE/WHO",
    multiple=True,
    help="Everything by an author: author_hash, user id or name.",
)
@click.option("--comment", metavar="SOURCE/THREAD/COMMENT", multiple=True, help="One comment.")
@click.option(
    "--thread", metavar="SOURCE/THREAD", multiple=True, help="A thread, opening post too."
)
@click.option("--url", metavar="URL", multiple=True, help="What was read from this address.")
@click.option("--site", metavar="SOURCE", multiple=True, help="A whole site.")
@click.option("--again", is_flag=True, help="Remove what crawls met again of earlier removals.")
@click.option("--reason", default="", help="Kept with the removal; write no content into it.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def command(archive: Path, *, again: bool, reason: str, as_json: bool, **given: Any) -> int:
    """Remove content from all versions, the WARC and the state file; releases made later lack it.

    A keyed hash of what was removed stays, so that no crawl brings it back. Pages that showed
    it leave the WARC as a whole. Finished releases never change: those that hold it are named.
    Nothing else may run meanwhile. Exits with 1 when removed words are still found somewhere.
    """
    from archive.errors import UsageError
    from archive.forget import forget
    from archive.root import Root
    from pipelines.identity import new_run_id

    root = Root.open(archive)
    targets = list(_targets(root, given))
    if not targets and not again:
        raise UsageError(
            "say what to remove: --author, --comment, --thread, --url, --site, --again"
        )
    done = forget(root, targets, run_id=new_run_id(datetime.now(UTC)), reason=reason)
    if as_json:
        click.echo(json.dumps(asdict(done), ensure_ascii=False, indent=2))
    else:
        removed = ", ".join(f"{number} of {name}" for name, number in done.rows.items() if number)
        click.echo(f"removed rows: {removed or 'none'}; WARC records: {done.records}")
        if done.releases:
            click.echo(f"still in finished releases: {', '.join(done.releases)}")
        for place in done.left:
            click.echo(f"still there: {place}")
    return 1 if done.left else 0


def _targets(root: "Root", given: dict[str, Any]) -> "Iterator[Target]":
    from archive.removal import KINDS, Target
    from pipelines.privacy import author_hash

    for kind in KINDS:
        for text in given[kind]:
            target = Target.parse(kind, text)
            if kind != "author" or _HASH.fullmatch(target.parts[1]):
                yield target
                continue
            source, who = target.parts
            key = root.author_key()
            for found in (author_hash(key, source, who), author_hash(key, source, None, who)):
                if found:
                    yield Target(kind, (source, found))
