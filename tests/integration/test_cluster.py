"""`reparse --dask`: two real workers, one killed on the way, and the same bytes as at home."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))
from saved_pages import build

import crawlers.reparse
from archive.errors import UsageError
from crawlers.pools import cluster, processes
from crawlers.reparse import Wanted, reparse

CHECKOUT = Path(__file__).resolve().parents[2]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def dask(*words):
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *map(str, words)],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.fixture
def pages(tmp_path, monkeypatch):
    monkeypatch.setattr(crawlers.reparse, "_CHUNK", 2)
    rows = [(n, n % 28 + 1, (f"第{n}則", "推一個"), {}) for n in range(10, 70)]
    return build(tmp_path, rows)


def kept(pool, archive, after_first=lambda: None):
    """A dry run on that pool: its result, and every file that the pool made."""
    made = {}

    def keeping(chunks):
        stages = set()

        def noted():
            for chunk in chunks:
                stages.add(chunk.stage)
                yield chunk

        for number, done in enumerate(pool(noted())):
            if not number:
                after_first()
            yield done
        (stage,) = stages
        made.update({path.name: path.read_bytes() for path in stage.iterdir()})

    return reparse(archive, Wanted(), dry_run=True, pool=keeping), made


@pytest.mark.trials
def test_killed_worker_changes_no_byte(pages):
    address = f"tcp://127.0.0.1:{free_port()}"
    common = ("--nthreads", 1, "--no-nanny", "--no-dashboard")
    running = [dask("scheduler", "--host", address, "--no-dashboard")]
    running += [dask("worker", address, *common, "--name", n) for n in "ab"]
    try:
        from distributed import Client

        with Client(address, timeout=60) as client:
            client.wait_for_workers(2, timeout=60)
        result, made = kept(cluster(address), pages, running[1].kill)
        assert running[1].wait(10) == -9
    finally:
        for process in running:
            process.kill()
            process.wait()
    expected, files = kept(processes(1), pages)
    assert len(files) >= 60
    assert made == files
    assert (result.pages, result.unreadable) == (expected.pages, []) == (60, [])
    assert result.tables == expected.tables


def test_no_scheduler_and_no_extra_are_said(pages, monkeypatch):
    monkeypatch.setattr("crawlers.pools._PATIENCE", 0.5)
    with pytest.raises(UsageError, match="no dask scheduler answers"):
        reparse(pages, Wanted(), dry_run=True, pool=cluster(f"tcp://127.0.0.1:{free_port()}"))
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match="cluster"):
        cluster("tcp://127.0.0.1:1")
