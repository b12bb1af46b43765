"""`shenglu mirror`: publish the archive to an S3 bucket."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from crawlers.commands.options import ARCHIVE

__all__ = ["command"]


@click.command(short_help="Publish the archive to an S3 bucket, for readers elsewhere.")
@click.argument("url", metavar="s3://BUCKET/PREFIX")
@ARCHIVE
@click.option("--no-warc", is_flag=True, help="Tables and log only, without the evidence.")
@click.option("--bind", is_flag=True, help="From now on commits count once the bucket has them.")
@click.option(
    "--take-over", is_flag=True, help="Make the folder from a bound bucket, and write there."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def command(url: str, archive: Path, *, as_json: bool, **how: bool) -> None:
    """Copy what the bucket lacks, then publish the new commits, all in one step.

    `query`, `check` and `export` read there with --archive s3://BUCKET/PREFIX. Credentials,
    region and endpoint are found as other AWS tools find them (AWS_PROFILE, AWS_ENDPOINT_URL,
    ...). The store must honour If-None-Match, which is tried first. The key of the author
    hashes is never copied. Run it again at any time: it goes on where it was cut short.

    With --bind the archive works in the bucket: the folder is its desk, and what a crawl has
    been told is stored is in the bucket. With --take-over that goes on with another folder (put
    meta/author_key there first); the one before is refused from then on.
    """
    from archive.bucket import Bucket
    from archive.errors import UsageError
    from archive.mirror import bind, mirror, take_over
    from archive.root import Root

    if sum(how.values()) > 1:
        raise UsageError("--no-warc, --bind and --take-over exclude each other")
    bucket = Bucket.at(url)
    root = take_over(bucket, archive) if how["take_over"] else Root.open(archive)
    done = bind(root, bucket) if how["bind"] else mirror(root, bucket, evidence=not how["no_warc"])
    if as_json:
        click.echo(json.dumps(asdict(done)))
        return
    click.echo(f"{bucket.url()} shows snapshot {done.snapshot}; {done.commits} commits are new")
    click.echo(
        f"copied {done.files} table files and {done.warc_files} WARC files, {done.bytes} bytes; "
        f"deleted {done.deleted}"
    )
