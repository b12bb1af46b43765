"""Options that several verbs share, worded once."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

__all__ = ["ARCHIVE", "ARCHIVE_OR_S3", "LOOSE", "crawl_options", "site_words", "worst"]


class _Place(click.Path):
    """A folder; or, where a verb can read there, an `s3://` URL, which stays a string."""

    def __init__(self, *, s3: bool) -> None:
        super().__init__(path_type=Path, file_okay=False)
        self._s3 = s3

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The folder as a path, or the URL."""
        if not str(value).startswith("s3:"):
            return super().convert(value, param, ctx)
        if not self._s3:
            self.fail("this verb needs a folder; query, check and export also read s3:// URLs")
        return str(value)


def _archive(*, s3: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(
        "--archive",
        type=_Place(s3=s3),
        envvar="SHENGLU_ARCHIVE",
        default=Path("var/archive"),
        show_default=True,
        help="Folder of the archive, or s3://BUCKET/PREFIX." if s3 else "Folder of the archive.",
    )


ARCHIVE = _archive(s3=False)
ARCHIVE_OR_S3 = _archive(s3=True)

_WORST = (1, 2, 3, 4, 0)


def worst(codes: Iterable[int]) -> int:
    """The exit code of several runs: a lock held elsewhere (4) hides no failure, nor a gate (3)."""
    order = {code: place for place, code in enumerate(_WORST)}
    return min(codes, key=lambda code: order.get(code, -1), default=0)


LOOSE = {"ignore_unknown_options": True, "allow_extra_args": True}
"""Context settings of verbs that take a site's own options."""

_CRAWL = (
    ARCHIVE,
    click.option("--since", metavar="DATE", help="Only what is dated this day or later (+08:00)."),
    click.option("--until", metavar="DATE", help="... up to and with this day."),
    click.option(
        "--window",
        metavar="SPAN",
        help="Instead of both: 24h or 7d back from now, a day, or 2026-11-01..2026-11-07.",
    ),
    click.option("--limit", metavar="N", help="At most N articles or threads in this run."),
    click.option("--max-requests", metavar="N", help="Pause the run after N requests."),
    click.option(
        "--hours", metavar="HH:MM-HH:MM", help="Fetch only in this window of the site's day."
    ),
    click.option(
        "--join",
        is_flag=True,
        help="Share the run with other processes of the same command that were given --join.",
    ),
    click.option("--base-url", metavar="URL", help="Crawl a replica or mirror, not the real host."),
    click.option("--delay", type=click.FloatRange(0), help="Seconds between requests to a host."),
    click.option(
        "--contact",
        envvar="SHENGLU_CONTACT",
        help="Address for site owners, sent with each request.",
    ),
    click.option(
        "--browser",
        is_flag=True,
        help="Draw pages by a headless Chromium that runs their scripts; slow, for sites that show"
        " nothing without. Needs shenglu[browser] and Chromium.",
    ),
    click.option("--keep-names", is_flag=True, help="Store handles, not only their keyed hashes."),
    click.option(
        "--alert",
        "alerts",
        multiple=True,
        envvar="SHENGLU_ALERT",
        metavar="URL",
        help="Where to tell of a run that failed or is out of line (apprise address, as"
        " mailto://..., json://...); may be given several times. Needs shenglu[alerts].",
    ),
    click.option(
        "--metrics",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Write the run's counters there for Prometheus (textfile collector).",
    ),
    click.option("--json", "as_json", is_flag=True, help="Print the run reports as JSON."),
    click.option(
        "-s",
        "--set",
        "overrides",
        multiple=True,
        metavar="NAME=VALUE",
        help="A Scrapy setting, as DOWNLOAD_TIMEOUT=20; may be given several times.",
    ),
    click.option("-v", "--verbose", is_flag=True, help="Log each request."),
)


def crawl_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that every verb that fetches has."""
    for option in reversed(_CRAWL):
        function = option(function)
    return function


def site_words(extra: list[str]) -> dict[str, str]:
    """A site's own options out of what click left over: `--board Stock`, `--board=Stock`.

    Raises:
        click.UsageError: a word that is neither an option nor its value.
    """
    words: dict[str, str] = {}
    rest = iter(extra)
    for word in rest:
        if not word.startswith("--"):
            raise click.UsageError(f"{word!r} is no site and no option")
        name, _, value = word[2:].partition("=")
        value = value or next(rest, "")
        if not value:
            raise click.UsageError(f"--{name} needs a value")
        words[name.replace("-", "_")] = value
    return words
