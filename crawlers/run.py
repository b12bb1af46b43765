"""Running spiders: from options to finished reports; the only place that starts Scrapy."""

import gc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from archive.errors import ShengluError, UsageError
from archive.root import Root
from crawlers.gates import Gate
from crawlers.logs import set_up_logs
from crawlers.manifest import write_manifest
from crawlers.registry import sites
from crawlers.site import Site

if TYPE_CHECKING:
    import asyncio

_SHOWN = (
    "USER_AGENT",
    "DOWNLOAD_DELAY",
    "CONCURRENT_REQUESTS_PER_DOMAIN",
    "DOWNLOAD_TIMEOUT",
    "DOWNLOAD_MAXSIZE",
    "ROBOTSTXT_OBEY",
)

GRACE = 7.0
"""Seconds that a stopped run waits for its requests in flight."""

_YOUNG = 20_000
"""New objects before the first look for garbage: what a page leaves behind frees itself."""

__all__ = ["GRACE", "Report", "crawl", "find_sites"]


@dataclass(frozen=True, slots=True)
class Report:
    """How a run of one site ended; `finished` False means that the next run goes on with it."""

    site: str
    run_id: str = ""
    finished: bool = False
    resumed: bool = False
    seconds: float = 0.0
    tally: dict[str, int] = field(default_factory=dict)
    gates: tuple[Gate, ...] = ()
    paused: str = ""
    error: ShengluError | None = None

    @property
    def exit_code(self) -> int:
        """0 ok or paused as asked, 1 failed, 2 usage, 3 a gate failed, 4 locked."""
        if self.error is not None:
            return self.error.exit_code
        if not self.finished:
            return 0 if self.paused else 1
        return 3 if self.gates else 0

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "site": self.site,
            "run_id": self.run_id,
            "finished": self.finished,
            "resumed": self.resumed,
            "paused": self.paused,
            "seconds": round(self.seconds, 3),
            "exit_code": self.exit_code,
            "error": str(self.error) if self.error else None,
            "gates": [str(gate) for gate in self.gates],
            "tally": self.tally,
        }


def find_sites(names: Sequence[str]) -> list[type[Site]]:
    """The sites of these names.

    Raises:
        UsageError: a site is unknown, or gives saved pages only.
    """
    known = sites()
    found = []
    for name in names:
        if name not in known:
            near = ", ".join(sorted(k for k, s in known.items() if s.crawlable))
            raise UsageError(f"no site {name!r}; `shenglu sites` lists them: {near}")
        if not known[name].crawlable:
            raise UsageError(
                f"{name} needs a login or a browser and is not crawled; read saved pages of it"
                " with `shenglu backfill --from-files MANIFEST.jsonl`"
            )
        found.append(known[name])
    return found


def crawl(
    wanted: Sequence[type[Site]], words: Mapping[str, str], archive: Path, **overrides: Any
) -> list[Report]:
    """Crawl the sites side by side in this process and report on each, in order.

    Raises:
        UsageError: an option that a site does not know, before anything is fetched.
    """
    for site in wanted:
        probe = site(**words)
        if not probe.links:
            needed = ", ".join(f"--{name}" for name in site.options)
            raise UsageError(f"{site.name} has nothing to start from; give one of {needed}")
    settings = Settings()
    settings.setmodule("crawlers.settings", priority="project")
    settings.set("SHENGLU_ARCHIVE", archive, priority="cmdline")
    for name, value in overrides.items():
        settings.set(name, value, priority="cmdline")
    root = Root.open(archive, create=True)
    process = _Process(settings)
    set_up_logs(root.state / "logs", settings["LOG_LEVEL"])
    crawlers = [process.create_crawler(site) for site in wanted]
    tasks = [process.crawl(crawler, **words) for crawler in crawlers]
    gc.set_threshold(_YOUNG)
    process.start()
    for crawler in crawlers:
        _close(crawler)
    reports = [_report(c, t) for c, t in zip(crawlers, tasks, strict=True)]
    for crawler, report in zip(crawlers, reports, strict=True):
        _keep(root, crawler, report)
    return reports


class _Process(AsyncCrawlerProcess):
    """Scrapy's process, with an end to how long it waits for the requests in flight.

    A server that asked for a pause, or that sends a byte a second, must not outlive the patience
    of systemd. What is cut off stays leased in the frontier and is asked for again.
    """

    def _signal_shutdown(self, signum: int, frame: Any) -> None:
        super()._signal_shutdown(signum, frame)
        from twisted.internet import reactor  # noqa: PLC0415 - exists only once Scrapy runs

        running: Any = reactor
        for crawler in self.crawlers:
            _stopping(crawler)
        running.callFromThread(running.callLater, GRACE, self._stop_reactor)


def _scheduler(crawler: Any) -> Any:
    try:
        return getattr(crawler.engine, "scheduler", None)
    except RuntimeError:  # a setting that nothing could begin with: there is no engine
        return None


def _stopping(crawler: Any) -> None:
    if (frontier := _scheduler(crawler)) is not None:
        frontier.stopping = True


def _close(crawler: Any) -> None:
    """Record what a run has in hand that was stopped before its engine could close."""
    frontier = _scheduler(crawler)
    if frontier is not None and getattr(frontier, "session", None) is not None:
        frontier.close("stopped")


def _keep(root: Root, crawler: Any, report: Report) -> None:
    """The run's manifest; its settings are those that shape what was fetched."""
    if report.run_id:
        shown = {name: crawler.settings.get(name) for name in _SHOWN}
        write_manifest(root, report, crawler.spider.asked.text(report.site), shown)


def _report(crawler: Any, task: "asyncio.Task[None]") -> Report:
    spider: Any = crawler.spider
    site = crawler.spidercls.name
    error = task.exception() if task.done() and not task.cancelled() else None
    if isinstance(error, ShengluError):
        return Report(site, error=error)
    if error is not None:
        return Report(site, error=ShengluError(f"{type(error).__name__}: {error}"))
    ended = getattr(spider, "ended", None)
    if ended is None:
        return Report(site, error=ShengluError("the crawl did not start; see the log above"))
    return Report(
        site=site,
        run_id=ended.run_id,
        finished=ended.finished,
        resumed=ended.resumed,
        seconds=crawler.stats.get_value("elapsed_time_seconds") or 0.0,
        tally=ended.tally,
        gates=ended.gates,
        paused=ended.paused,
        error=ended.error,
    )
