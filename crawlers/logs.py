"""Where a run's log goes: all of it into a file, one line an event onto the terminal.

A traceback is for whoever mends the program: it stands in the file, whose path a warning's last
line names once. The terminal, a cron mail and journald get the message alone.
"""

import json
import logging
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from scrapy.logformatter import LogFormatter

from archive import files
from archive.errors import UsageError

__all__ = ["PagesOnly", "hush_false_start", "level_of", "set_up_logs"]

_BYTES, _KEPT = 16 * 1024 * 1024, 5
_FILE = "%(asctime)s %(levelname)s [%(name)s] %(message)s"


class _OneLine(logging.Formatter):
    """The message alone: no traceback, no second line."""

    def format(self, record: logging.LogRecord) -> str:
        text = record.getMessage().strip()
        first = text.splitlines()[0] if text else ""
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            first = f"{first} ({type(error).__name__}: {error})"
        when = datetime.fromtimestamp(record.created, UTC)
        return f"{when:%H:%M:%S}Z {record.levelname.lower()}: {first}"[:400]


class _Json(logging.Formatter):
    """One JSON object a line, for a program that collects logs."""

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
        }
        if record.exc_info and record.exc_info[1] is not None:
            said["error"] = f"{type(record.exc_info[1]).__name__}: {record.exc_info[1]}"
            said["traceback"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False)


class PagesOnly(LogFormatter):
    """Scrapy's log lines but for the item dump: an item is a whole page with all its records."""

    def scraped(self, item: Any, response: Any, spider: Any) -> Any:
        """Nothing: the line on the fetched page says enough."""
        del item, response, spider


def level_of(text: str) -> str:
    """A log level by its name in any case; raises `UsageError` for anything else."""
    if text.upper() not in logging.getLevelNamesMapping():
        raise UsageError(f"SHENGLU_LOG_LEVEL takes DEBUG, INFO, WARNING or ERROR, not {text!r}")
    return text.upper()


def hush_false_start() -> None:
    """Leave out what Scrapy says on closing parts that never opened; the run's error says why."""
    for name in ("scrapy.core.engine", "scrapy.utils.signal"):
        logging.getLogger(name).addFilter(_no_false_start)


def _no_false_start(record: logging.LogRecord) -> bool:
    text = record.getMessage()
    return not ("close failure" in text or "spider_closed" in text)


class _ToFile(RotatingFileHandler):
    """The file; a disk that takes no more is told once, in a line; the run's own error says why.

    The standard handler prints a traceback of its own for each event.
    """

    told = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the standard's name
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
        elif not self.told:
            self.told = True
            print(f"the log file {self.baseFilename}: {error.strerror}", file=sys.stderr)  # noqa: T201 - logging cannot log its own failure

    def close(self) -> None:
        """Close the file; what could not be written is lost, as has been told."""
        with suppress(OSError):
            super().close()


def set_up_logs(folder: Path, level: str) -> Path:
    """Send the log to a rotating file in `folder` and, from `level` up, to stderr; the file.

    SHENGLU_LOG_FORMAT=json makes every line of both a JSON object. At most 6 files of 16 MiB are
    kept. Raises `StorageError` where the folder cannot be written.
    """
    path = folder / "shenglu.log"
    structured = os.environ.get("SHENGLU_LOG_FORMAT") == "json"
    with files.disk("write the log", path):
        folder.mkdir(parents=True, exist_ok=True)
        to_file = _ToFile(path, maxBytes=_BYTES, backupCount=_KEPT, encoding="utf-8")
    to_file.setFormatter(_Json() if structured else logging.Formatter(_FILE))
    to_terminal = logging.StreamHandler(sys.stderr)
    to_terminal.setFormatter(_Json() if structured else _OneLine())
    to_terminal.setLevel(level)
    root = logging.getLogger()
    root.handlers[:] = [to_file, to_terminal]
    root.setLevel(min(logging.INFO, logging.getLevelNamesMapping()[level]))
    logging.getLogger("scrapy").setLevel(logging.NOTSET)  # Scrapy sets DEBUG; the root decides
    for noisy in ("filelock", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    return path
