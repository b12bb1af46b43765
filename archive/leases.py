"""What goes into the crawl frontier and comes out of it: runs, offers, leases, looks.

Values only; `archive.queue` has the operations.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from archive.model import Link
from archive.packing import Validators

__all__ = ["Lease", "Look", "Offer", "Revisit", "Run"]


class Revisit(StrEnum):
    """Which known pages a run asks for again."""

    ALL = "all"
    DUE = "due"
    NEVER = "never"


@dataclass(slots=True)
class Run:
    """The run in hand; `taken` counts articles and threads against `limit`.

    `part` is 1, and one more each time that the run was taken up again after an interruption.
    `owner` names the process that holds the run's leases; several may share a run.
    """

    run_id: str
    scope: str
    revisit: Revisit = Revisit.ALL
    limit: int | None = None
    taken: int = 0
    part: int = 1
    owner: str = ""

    @property
    def looks_back(self) -> bool:
        """Whether what has left its list since the run before gets a last look."""
        return self.revisit is not Revisit.NEVER

    @property
    def resumed(self) -> bool:
        """Whether an interrupted run goes on."""
        return self.part > 1


@dataclass(frozen=True, slots=True)
class Look:
    """A look at an article or thread: when (Unix seconds), how many comments it had, when again.

    `due` None: no age makes it worth another look.
    """

    visited: float | None = None
    seen: int | None = None
    due: float | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """One page to fetch now; `look` is the last look at it, as far as there was one."""

    key: bytes
    source: str
    link: Link
    attempt: int
    validators: Validators
    look: Look = field(default_factory=Look)


@dataclass(frozen=True, slots=True)
class Offer:
    """A link with its identity and source, as it is offered to the queue.

    `canonical` is the URL that tells one page from another.
    """

    link: Link
    source: str
    canonical: str
