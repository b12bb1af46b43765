"""The command line: one verb a module below `crawlers/commands`, loaded when it is asked for.

`shenglu --help` must not load Scrapy, Arrow or DuckDB: modules of commands import only click at
their top. Here alone an error becomes an exit code (docs/operations.md): 0 ok, 1 failed, 2 usage,
3 finished but a gate failed, 4 another run holds the lock.
"""

import os
import sys
from importlib import import_module
from typing import Any, NoReturn

import click

from archive.errors import ShengluError
from crawlers.lean import go_lean

__all__ = ["main", "shenglu"]

VERBS = (
    "crawl",
    "backfill",
    "reparse",
    "gaps",
    "extract",
    "text",
    "query",
    "search",
    "reprints",
    "survey",
    "check",
    "compact",
    "mirror",
    "release",
    "export",
    "report",
    "forget",
    "serve",
    "sites",
    "doctor",
)

_LEAN = frozenset({"crawl", "backfill", "reparse"})
"""Verbs whose processes have no use for pandas."""

_REFUSED = frozenset({"IOException", "InvalidInputException", "OutOfMemoryException"})

EPILOG = """
Start here:  shenglu sites  lists what can be crawled;  shenglu crawl ptt --board Stock --limit 20
crawls;  shenglu query  shows what came.  The archive lies in var/archive, or where --archive or
SHENGLU_ARCHIVE says.
"""


class Verbs(click.Group):
    """The verbs in the order of the work, each imported on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, in order."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb's command, or None for an unknown verb."""
        del ctx
        if cmd_name not in VERBS:
            return None
        command: click.Command = import_module(f"crawlers.commands.{cmd_name}").command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; a reader (head, less) that has gone is no failure, as click has it."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # Python would complain once more on flushing.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0


@click.command(cls=Verbs, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="shenglu", prog_name="shenglu")
def shenglu() -> None:
    """聲錄: crawl Chinese news and comment threads, keep the evidence, hand over Parquet."""


def _refusal(error: Exception) -> str | None:
    """What the disk, or DuckDB for it, refused and nobody below told; None for other errors."""
    kind = type(error)
    if isinstance(error, OSError):
        return f"{error}; mend the cause (disk, permissions) and run the same command again"
    if kind.__module__ in {"duckdb", "_duckdb"} and kind.__name__ in _REFUSED:
        first = str(error).strip().splitlines()[0]
        return f"the tables cannot be read: {first}; `shenglu check` says which files are damaged"
    return None


def main() -> NoReturn:
    """The console script: runs a verb and ends the process with its exit code."""
    if sys.argv[1:2] and sys.argv[1] in _LEAN:
        go_lean()
    try:
        code = shenglu(prog_name="shenglu", standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(130)
    except ShengluError as error:
        click.echo(f"shenglu: {error}", err=True)
        sys.exit(error.exit_code)
    except Exception as error:
        if (said := _refusal(error)) is None:
            raise
        click.echo(f"shenglu: {said}", err=True)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
