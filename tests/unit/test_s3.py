"""Mirroring to S3 and reading there, against a moto server in a process of its own."""

import json
import os
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from archive_rows import article, comment, exchange, fetch

from archive.bucket import Bucket
from archive.check import check
from archive.commit import commit
from archive.compact import compact
from archive.errors import CorruptError, StorageError, UsageError
from archive.forget import forget
from archive.log import Log
from archive.mirror import log_key, mirror
from archive.query import connect
from archive.remote import check_remote, connect_remote, remote_snapshot
from archive.removal import Target
from archive.root import Root
from archive.warc_write import WarcWriter
from crawlers.doctor import rebuild
from tests.moto_bucket import aws_settings

REPO = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path):
    root = Root.open(tmp_path / "a", create=True)
    with WarcWriter(root, "run1") as writer:
        pointer = writer.write(exchange())
    articles = [article(content_sha256="0" * 64)]
    rows = {"comments": [comment(n, minutes=n) for n in range(20)], "articles": articles}
    commit(Log(root), "b1", rows | {"fetches": [fetch(pointer)]})
    return root


def _ids(connection):
    asked = "SELECT thread_id, comment_id, text, observed_at FROM comments ORDER BY ALL"
    with connection:
        return connection.execute(asked).fetchall()


def test_bucket_shows_what_the_archive_shows_and_checks_sound(root, bucket):
    done = mirror(root, bucket)
    assert (done.snapshot, done.commits, done.files) == (1, 1, 4)  # comments lie in two months
    assert _ids(connect_remote(bucket)) == _ids(connect(root))
    report = check_remote(bucket)
    assert report.findings == []
    assert (report.files, report.captures) == (4, 1)
    assert not [key for key in bucket.sizes() if key.startswith(("meta/author", "state", "_stage"))]
    again = mirror(root, bucket)
    assert (again.commits, again.files, again.warc_files, again.deleted) == (0, 0, 0, 0)
    commit(Log(root), "b2", {"comments": [comment(1, thread="t2")]})
    assert mirror(root, bucket).files == 1
    assert _ids(connect_remote(bucket)) == _ids(connect(root))


def test_bucket_copied_to_a_disk_is_the_archive_again(root, bucket, tmp_path):
    mirror(root, bucket)
    home = tmp_path / "back"
    for key in bucket.sizes():
        (home / key).parent.mkdir(parents=True, exist_ok=True)
        (home / key).write_bytes(bucket.get(key))
    shutil.copy(root.key_file, home / "meta" / "author_key")
    back = Root.open(home)
    assert check(back).findings == []
    assert _ids(connect(back)) == _ids(connect(root))
    assert rebuild(home) > 0


def test_verbs_read_the_bucket_and_sql_reaches_nothing_else(root, bucket, endpoint, tmp_path):
    def shenglu(*words):
        return subprocess.run(
            [sys.executable, "-m", "crawlers.cli", *words],
            cwd=REPO,
            env=os.environ | aws_settings(endpoint, tmp_path),
            capture_output=True,
            text=True,
            check=False,
        )

    done = shenglu("mirror", bucket.url(), "--archive", str(root.path), "--json")
    assert json.loads(done.stdout)["commits"] == 1, done.stderr
    there = ("--archive", bucket.url())
    counted = shenglu("query", "SELECT count(*) AS n FROM comments", "--json", *there)
    assert json.loads(counted.stdout) == {"n": 20}, counted.stderr
    assert "sound: 1 commits" in shenglu("check", *there).stdout
    out = tmp_path / "rows.csv"
    assert shenglu("export", str(out), "--table", "articles", *there).returncode == 0
    assert "第1個題目" in out.read_text("utf-8-sig")
    stolen = shenglu("query", f"FROM read_text('{root.key_file}')", *there)
    assert stolen.returncode == 2
    refused = shenglu("compact", *there)
    assert refused.returncode == 2
    assert "query, check and export" in refused.stderr
    for one in (done, counted, stolen, refused):
        assert "Traceback" not in one.stderr


def test_check_names_what_is_wrong_in_the_bucket(root, bucket):
    mirror(root, bucket)
    first, second, third, fourth = (file.path for file in Log(root).snapshot().files)
    put = bucket._client.put_object
    data = bytearray(bucket.get(second))
    data[len(data) // 2] ^= 1
    bucket.delete([first])
    put(Bucket=bucket.name, Key=bucket.prefix + second, Body=bytes(data))
    put(Bucket=bucket.name, Key=bucket.prefix + third, Body=bucket.get(third)[:-9])
    put(Bucket=bucket.name, Key=bucket.prefix + "tables/comments/README.md", Body=b"x")
    put(Bucket=bucket.name, Key=bucket.prefix + log_key(3), Body=b"{}")
    found = {(one.kind, one.file) for one in check_remote(bucket).findings}
    assert found == {
        ("missing", first),
        ("flipped", second),
        ("truncated", third),
        ("not_parquet", "tables/comments/README.md"),
        ("log_gap", log_key(3)),
    }
    assert fourth not in str(found)


def test_evidence_that_is_missing_is_found(root, bucket):
    mirror(root, bucket)
    gone = [key for key in bucket.sizes("warc/") if key.endswith(".warc.gz")]
    bucket.delete(gone)
    assert [one.kind for one in check_remote(bucket).findings] == ["warc_missing"]


def test_mirror_that_is_cut_short_shows_the_old_snapshot_until_it_is_finished(
    root, bucket, monkeypatch
):
    mirror(root, bucket)
    log = Log(root)
    for number in (2, 3, 4):
        commit(log, f"b{number}", {"comments": [comment(1, thread=f"t{number}")]})
    true, left = Bucket.create, [1, 2]

    def dies(self, key, data):
        if key.startswith("log/") and not left:
            raise StorageError("the line is cut")
        if key.startswith("log/"):
            left.pop()
        return true(self, key, data)

    with monkeypatch.context() as patch:
        patch.setattr(Bucket, "create", dies)
        with pytest.raises(StorageError):
            mirror(root, bucket)
    assert remote_snapshot(bucket)[0].number == 1
    assert {one.kind for one in check_remote(bucket).findings} == {"log_gap", "orphan"}
    assert mirror(root, bucket).commits == 3
    assert remote_snapshot(bucket)[0].number == 4
    assert check_remote(bucket).findings == []


def test_another_archive_another_history_and_a_strangers_bucket_are_refused(root, bucket, tmp_path):
    mirror(root, bucket)
    other = Root.open(tmp_path / "other", create=True)
    with pytest.raises(UsageError, match="holds archive"):
        mirror(other, bucket)
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-r", str(root.path), str(copy)], check=True)
    commit(Log(root), "b2", {"comments": [comment(1, thread="t2")]})
    mirror(root, bucket)
    with pytest.raises(CorruptError, match="older copy"):
        mirror(Root.open(copy), bucket)
    commit(Log(Root.open(copy)), "x2", {"comments": [comment(1, thread="t3")]})
    with pytest.raises(CorruptError, match="went on apart"):
        mirror(Root.open(copy), bucket)
    assert _ids(connect_remote(bucket)) == _ids(connect(root))
    full = Bucket(bucket.name, "elsewhere/")
    full.create("thesis.docx", b"x")
    with pytest.raises(UsageError, match="not empty"):
        mirror(root, full)


def test_compaction_follows_and_what_is_forgotten_goes_at_once(root, bucket):
    commit(Log(root), "b2", {"comments": [comment(n, thread="t2") for n in range(5)]})
    mirror(root, bucket)
    compact(root)
    before = set(bucket.sizes("tables/"))
    mirror(root, bucket)
    assert before <= set(bucket.sizes("tables/"))  # for readers under way
    assert _ids(connect_remote(bucket)) == _ids(connect(root))
    forget(root, [Target("thread", ("demo", "t1"))], run_id="run9")
    mirror(root, bucket)
    assert _ids(connect_remote(bucket)) == _ids(connect(root))
    for key in bucket.sizes():
        assert "第3樓".encode() not in bucket.get(key)
        assert b"forum.example/t1" not in bucket.get(key)
    live = {file.path for file in Log(root).snapshot().files}
    assert live <= set(bucket.sizes("tables/"))


def test_unreachable_store_and_unknown_bucket_are_clear_errors(root, bucket, monkeypatch):
    with pytest.raises(StorageError, match="make the bucket first"):
        mirror(root, Bucket("no-such-bucket-here", ""))
    with pytest.raises(UsageError, match="no archive at s3://"):
        connect_remote(Bucket(bucket.name, "nothing/"))
    for odd in ("s3://", "http://x/y", "s3:///x", "s3://b/../x"):
        with pytest.raises(UsageError):
            Bucket.at(odd)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(StorageError, match="AWS_ENDPOINT_URL"):
        mirror(root, Bucket(bucket.name, "x/"))


class _Careless(BaseHTTPRequestHandler):
    """A store that takes every write, whatever its condition says."""

    def do_PUT(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._answer(200)

    def do_DELETE(self):
        self._answer(204)

    def _answer(self, code):
        self.send_response(code)
        self.send_header("ETag", '"0"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def test_store_that_ignores_conditions_is_refused_before_anything_is_written(
    root, bucket, monkeypatch
):
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Careless)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        with pytest.raises(StorageError, match="ignores If-None-Match"):
            mirror(root, Bucket("careless", ""))
    finally:
        server.shutdown()
        server.server_close()
