"""A crawl whose archive works in a bucket; its process is killed, then its machine is lost."""

import shutil

import pytest

from archive.check import check
from archive.mirror import take_over
from archive.remote import check_remote, connect_remote
from archive.root import Root

VERSIONS = "SELECT source, thread_id, comment_id, version FROM comment_history"


@pytest.mark.trials
def test_crawl_into_a_bucket_survives_its_process_and_its_machine(operator, bucket, tmp_path):
    root = Root.open(operator.archive, create=True)
    bound = operator.shenglu("mirror", bucket.url(), "--bind")
    assert bound.returncode == 0, bound.stderr
    killed = [operator.crawl_and_kill("ptt", requests) for requests in (3, 9, 14)]
    assert any(killed)
    done, _ = operator.crawl("ptt")
    assert done.returncode == 0, done.stderr
    report = check_remote(bucket)
    assert report.findings == []
    assert report.captures > 20
    key = tmp_path / "key"
    shutil.copy2(root.key_file, key)
    shutil.rmtree(operator.archive)
    (operator.archive / "meta").mkdir(parents=True)
    shutil.copy2(key, operator.archive / "meta" / "author_key")
    again = operator.shenglu("mirror", bucket.url(), "--take-over")
    assert again.returncode == 0, again.stderr
    assert operator.wrong("ptt") == []
    with connect_remote(bucket) as connection:
        before = connection.execute(VERSIONS).fetchall()
    done, _ = operator.crawl("ptt")
    assert done.returncode == 0, done.stderr
    assert operator.wrong("ptt") == []
    made = Root.open(operator.archive)
    assert check(made).findings == []
    with connect_remote(bucket) as connection:
        rows = connection.execute(VERSIONS).fetchall()
    assert len(rows) == len(set(rows)) == len(before) > 50
    other = tmp_path / "third"
    (other / "meta").mkdir(parents=True)
    shutil.copy2(key, other / "meta" / "author_key")
    assert check(take_over(bucket, other)).findings == []
