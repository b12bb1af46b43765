"""Full, read-only and forbidden disks: a clear error, nothing harmed, and the work goes on.

The disk is a real one: a small tmpfs, mounted for the test. Where that is not allowed (an ordinary
user, most containers) these tests are skipped and say so; `tests/unit/test_storage_refusals.py`
needs no mount.
"""

import subprocess

import pytest

from archive.log import Log
from archive.root import Root

PLENTY = "size=2g"
NO_GUARD = ("-s", "SHENGLU_MIN_FREE_MB=0")


def _mount(*words):
    return subprocess.run(["mount", *words], capture_output=True, text=True, check=False)


@pytest.fixture
def disk(tmp_path):
    """A tmpfs of a megabyte; `grow` and `freeze` remount it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    done = _mount("-t", "tmpfs", "-o", "size=1m", "shenglu-test", str(folder))
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=False)


def _remount(folder, options):
    done = _mount("-o", f"remount,{options}", str(folder))
    assert done.returncode == 0, done.stderr


def _told(done, code, *words):
    said = done.stdout + done.stderr
    assert done.returncode == code, said
    assert "Traceback" not in said
    for word in words:
        assert word in said
    return said


def _rows(archive):
    if not (archive / "meta/archive.json").exists():
        return 0
    return sum(file.rows for file in Log(Root.open(archive)).snapshot().files)


@pytest.fixture
def crawled(operator, disk):
    """The PTT replica, crawled onto the disk while there was room."""
    _remount(disk, PLENTY)
    operator.archive = disk / "archive"
    done, _ = operator.crawl("ptt")
    assert done.returncode == 0, done.stderr
    return operator


@pytest.mark.parametrize(
    "room",
    [
        "size=600k",
        pytest.param("size=240k", marks=pytest.mark.trials),
        pytest.param("size=900k", marks=pytest.mark.trials),
    ],
)
def test_crawl_on_a_full_disk_says_so_and_goes_on_when_there_is_room(operator, disk, room):
    _remount(disk, room)
    operator.archive = disk / "archive"
    done, _ = operator.crawl("ptt", *NO_GUARD)
    said = _told(done, 1, "full", str(disk), "again")
    assert "Lease(" not in said
    before = _rows(operator.archive)
    _remount(disk, PLENTY)
    done, _ = operator.crawl("ptt")
    _told(done, 0)
    assert _rows(operator.archive) > before
    assert operator.wrong("ptt") == []
    ours = operator.shenglu("query", "SELECT url FROM fetches WHERE error LIKE '%StorageError%'")
    assert "http" not in _told(ours, 0)
    _told(operator.shenglu("doctor"), 0)
    _told(operator.shenglu("check"), 0, "sound")


VERBS = {
    "crawl": None,
    "compact": ["compact"],
    "reparse": ["reparse"],
    "forget": ["forget", "--site", "netease"],
    "release": ["release", "r1"],
    "doctor --rebuild": ["doctor", "--rebuild"],
    "check --repair": ["check", "--repair"],
}


def test_every_writing_verb_is_clear_about_a_read_only_disk_and_reading_goes_on(crawled, disk):
    _remount(disk, "ro")
    try:
        for verb in VERBS.values():
            done = crawled.shenglu(*(verb or crawled.crawl_words("ptt")))
            if done.returncode or verb in (None, VERBS["release"]):
                _told(done, 1, "read-only")
            assert "Traceback" not in done.stderr
        asked = "SELECT count(*) AS n FROM comments"
        assert '"n"' in _told(crawled.shenglu("query", asked, "--json"), 0)
        _told(crawled.shenglu("check"), 0, "sound")
    finally:
        _remount(disk, "rw")
    done, _ = crawled.crawl("ptt", "--revisit", "all")
    _told(done, 0)
    assert crawled.wrong("ptt") == []
