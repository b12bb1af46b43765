"""When a run stops by itself: requests made, the hour, the disk. Pure but for one look at the disk.

A run that reaches a limit is paused, not failed: what waits stays queued, and the same command
goes on. A full disk is a failure, told before SQLite or Parquet fail half-way.
"""

import re
import shutil
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from archive.errors import StorageError, UsageError

__all__ = ["Hours", "Limits", "Watch", "free_bytes", "megabytes"]

_HOURS = re.compile(r"(\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)")


@dataclass(frozen=True, slots=True)
class Hours:
    """A window of the day, in the site's zone; it may span midnight."""

    start: time
    end: time

    @classmethod
    def parse(cls, text: str) -> "Hours":
        """`01:00-06:00`.

        Raises:
            UsageError: it is no such window.
        """
        found = _HOURS.fullmatch(text.strip())
        try:
            hours = [int(part) for part in found.groups()] if found else []
            end = 0 if hours[2:] == [24, 0] else hours[2]  # midnight, as an end
            return cls(time(hours[0], hours[1]), time(end, hours[3]))
        except (ValueError, IndexError):
            raise UsageError(f"--hours takes a window as 01:00-06:00, not {text!r}") from None

    def __contains__(self, when: datetime) -> bool:
        now = when.time()
        if self.start < self.end:
            return self.start <= now < self.end
        return now >= self.start or now < self.end


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds a run; None or 0 for no limit. `min_free` is in bytes."""

    requests: int | None = None
    hours: Hours | None = None
    min_free: int = 0

    def reached(self, spent: int, now: datetime) -> str:
        """Why the run pauses; empty while it may go on. `now` is in the site's zone."""
        if self.requests is not None and spent >= self.requests:
            return f"{spent} requests made (--max-requests {self.requests})"
        if self.hours is not None and now not in self.hours:
            window = f"{self.hours.start:%H:%M}-{self.hours.end:%H:%M}"
            return f"it is {now:%H:%M} at the site (--hours {window})"
        return ""

    def disk(self, free: int) -> str:
        """Why the run must stop for want of room; empty while there is enough."""
        if free >= self.min_free:
            return ""
        return (
            f"{free >> 20} MB are free and {self.min_free >> 20} MB are to stay so"
            " (SHENGLU_MIN_FREE_MB); make room, and the same command goes on"
        )


class Watch:
    """What a run has spent, and whether that must stop it; `paused` and `full` say why."""

    def __init__(self, limits: Limits, zone: str, folder: Path) -> None:
        self.spent = 0
        self.paused = ""
        self.full: StorageError | None = None
        self._limits = limits
        self._zone = ZoneInfo(zone)
        self._folder = folder

    def pause(self) -> bool:
        """Whether a limit is reached now that was not before."""
        if self.paused:
            return False
        self.paused = self._limits.reached(self.spent, datetime.now(self._zone))
        return bool(self.paused)

    def fill(self) -> bool:
        """Whether the disk has become too full; what is leased can still be recorded."""
        if self.full is not None or not (why := self._limits.disk(free_bytes(self._folder))):
            return False
        self.paused, self.full = why, StorageError(why)
        return True


def megabytes(text: str) -> int:
    """A number of MB from the environment; raises `UsageError` for anything else."""
    if not text.strip().isdigit():
        raise UsageError(f"SHENGLU_MIN_FREE_MB takes a number of MB, not {text!r}")
    return int(text)


def free_bytes(folder: Path) -> int:
    """Bytes free on the file system that holds the folder."""
    return shutil.disk_usage(folder).free
