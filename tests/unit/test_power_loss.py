"""Power loss: the disk as it stood at a moment, its journal replayed, holds every acked batch.

A writer commits evidence and rows on an ext4 file system in an image on a loop device, and says of
each batch when it is committed. At random moments it is stopped and the image copied as it stands,
without what the kernel still holds in memory: what a machine would find after its plug was pulled.
Mounting the copy replays the journal. Needs root and loop devices; skipped, and said so, elsewhere.
"""

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from archive.check import check
from archive.log import Log
from archive.root import Root

REPO = Path(__file__).parents[2]
MOMENTS = 25

WRITER = """
import sys
sys.path[:0] = [{repo!r}, {tests!r}]
from archive_rows import comment, exchange, fetch
from archive.commit import commit
from archive.log import Log
from archive.root import Root
from archive.warc_write import WarcWriter
root = Root.open({root!r}, create=True)
log = Log(root)
with WarcWriter(root, "run1") as writer:
    for number in range(100_000):
        thread = f"t{{number}}"
        url, fetch_id = f"https://forum.example/{{thread}}", f"fetch-{{thread}}"
        pointer = writer.write(exchange(url, fetch_id=fetch_id))
        writer.sync()
        rows = {{"comments": [comment(n, thread=thread) for n in range(5)]}}
        commit(log, f"b{{number}}", rows | {{"fetches": [fetch(pointer, thread=thread)]}})
        print(f"b{{number}}", flush=True)
"""


def _run(*words):
    return subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False)


def _mount(image, folder):
    folder.mkdir(exist_ok=True)
    done = _run("mount", "-o", "loop", image, folder)
    if done.returncode:
        pytest.skip(f"loop mounts are impossible here: {done.stderr.strip()}")


@pytest.fixture
def disk(tmp_path):
    image, folder = tmp_path / "disk.img", tmp_path / "disk"
    if shutil.which("mkfs.ext4") is None:
        pytest.skip("mkfs.ext4 is not installed here")
    with image.open("wb") as out:
        out.truncate(96 << 20)
    assert _run("mkfs.ext4", "-q", "-F", image).returncode == 0
    _mount(image, folder)
    yield image, folder
    _run("umount", "--lazy", folder)


def _survivors(copy, folder):
    """The batches that the copy's log has, and what `check` finds wrong."""
    _mount(copy, folder)
    try:
        root = Root.open(folder / "a")
        log = Log(root, cached=False)
        count = log.snapshot().number
        assert log.snapshot().rows("comments") == 5 * count
        harmless = {"orphan"}  # files of a commit whose entry had not been made
        found = [one for one in check(root).findings if one.kind not in harmless]
        return {f"b{n}" for n in range(count) if log.has(f"b{n}")}, found
    finally:
        _run("umount", folder)


@pytest.mark.trials
def test_acknowledged_batches_survive_a_power_loss(disk, tmp_path):
    image, folder = disk
    code = WRITER.format(repo=str(REPO), tests=str(REPO / "tests/unit"), root=str(folder / "a"))
    moments = random.Random(11)  # noqa: S311 - repeatable, no secret
    told = tmp_path / "told"
    lost, most, out = [], 0, told.open("wb")
    with out, subprocess.Popen([sys.executable, "-c", code], stdout=out) as writer:
        try:
            while not told.read_bytes():
                assert writer.poll() is None
                time.sleep(0.05)
            for number in range(MOMENTS):
                time.sleep(moments.uniform(0.05, 0.6))
                writer.send_signal(signal.SIGSTOP)
                acked = set(told.read_text().split("\n")[:-1])
                copy = tmp_path / f"copy{number}.img"
                assert _run("cp", "--sparse=always", image, copy).returncode == 0
                writer.send_signal(signal.SIGCONT)
                kept, found = _survivors(copy, tmp_path / "after")
                copy.unlink()
                assert found == []
                lost += sorted(acked - kept)
                most = max(most, len(acked))
                assert writer.poll() is None, "the disk is full: make the image larger"
        finally:
            writer.kill()
    assert most > MOMENTS, "the writer was too slow to tell anything"
    assert lost == [], f"lost of {most} acknowledged batches"
    print(f"{MOMENTS} power losses, {most} batches acknowledged, 0 lost")  # noqa: T201 - the trial's figure
