"""One test for each thing that a check can find, and that it finds nothing where all is sound."""

import gzip
import json
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from archive_rows import START, article, comment, exchange, fetch

from archive.check import check
from archive.commit import commit
from archive.files import sha256_file
from archive.log import Log, entry_path
from archive.root import Root
from archive.warc import Revisit
from archive.warc_write import WarcWriter


@pytest.fixture
def root(tmp_path):
    root = Root.open(tmp_path / "a", create=True)
    with WarcWriter(root, "run1") as writer:
        first = writer.write(exchange())
        second = writer.write(exchange("https://forum.example/t2"))
        again = writer.write(exchange(), Revisit("https://forum.example/t1", START))
    log = Log(root)
    rows = {
        "comments": [comment(n) for n in range(20)],
        "fetches": [fetch(first), fetch(second, thread="t2"), fetch(again, fetch_id="again")],
    }
    commit(log, "b1", rows)
    commit(log, "b2", {"articles": [article()]})
    return root


def _kinds(root, **options):
    return [(finding.kind, finding.file) for finding in check(root, **options).findings]


def _path(root, table):
    (file,) = Log(root).snapshot().of(table)
    return file.path


def _edit_entry(root, number, change):
    path = entry_path(root, number)
    entry = json.loads(path.read_text())
    change(entry)
    path.write_text(json.dumps(entry))


def _relog(root, number, table):
    """Make the log vouch for a changed file, so that only its content is wrong."""
    path = _path(root, table)
    digest, size = sha256_file(root.path / path)

    def change(entry):
        for file in entry["add"]:
            if file["path"] == path:
                file.update(sha256=digest, bytes=size)

    _edit_entry(root, number, change)


def test_sound_archive(root):
    report = check(root)
    assert report.findings == []
    assert report.ok
    assert (report.commits, report.files, report.captures) == (2, 3, 3)
    assert check(root, quick=True).findings == []


def test_empty_archive_is_sound(tmp_path):
    assert check(Root.open(tmp_path / "a", create=True)).ok


def test_progress_reaches_its_end(root):
    told = []
    check(root, progress=lambda *step: told.append(step))
    assert ("tables", 3, 3) in told
    assert ("warc", 3, 3) in told


def test_flipped_byte(root):
    name = _path(root, "comments")
    data = bytearray((root.path / name).read_bytes())
    data[len(data) // 3] ^= 1
    (root.path / name).write_bytes(data)
    assert _kinds(root) == [("flipped", name)]


def test_truncated_file(root):
    name = _path(root, "comments")
    (root.path / name).write_bytes((root.path / name).read_bytes()[:-7])
    assert _kinds(root) == _kinds(root, quick=True) == [("truncated", name)]


def test_file_that_grew(root):
    name = _path(root, "comments")
    with (root.path / name).open("ab") as out:
        out.write(b"x")
    assert _kinds(root) == [("changed", name)]


def test_missing_file(root):
    name = _path(root, "comments")
    (root.path / name).unlink()
    assert _kinds(root) == [("missing", name)]


def test_orphan(root):
    name = _path(root, "comments")
    extra = name.replace("b1.parquet", "b9.parquet")
    (root.path / extra).write_bytes((root.path / name).read_bytes())
    assert _kinds(root) == [("orphan", extra)]


def test_stranger_under_tables(root):
    (root.tables / "README.md").write_text("notes")
    assert _kinds(root) == [("not_parquet", "tables/README.md")]


def test_temporary_file_is_no_finding(root):
    (root.tables / ".b9.parquet.12ab.tmp").write_text("half")
    assert _kinds(root) == []


def test_log_gap(root):
    commit(Log(root), "b3", {"articles": [article(2)]})
    entry_path(root, 2).unlink()
    assert _kinds(root) == [("log_gap", "log/00000000000000000002.json")]


def test_malformed_log_entry(root):
    entry_path(root, 2).write_text("{")
    assert _kinds(root) == [("log_malformed", "log/00000000000000000002.json")]


def test_stranger_in_the_log(root):
    (root.log / "notes.json").write_text("{}")
    assert _kinds(root) == [("log_stranger", "log/notes.json")]


def test_wrong_row_count(root):
    def change(entry):
        entry["add"][0]["rows"] += 1

    _edit_entry(root, 2, change)
    assert _kinds(root) == [("row_count", _path(root, "articles"))]


def test_schema_drift(root):
    name = _path(root, "articles")
    data = pq.read_table(root.path / name, partitioning=None)
    column = data.schema.get_field_index("version")
    drifted = data.set_column(column, "version", data["version"].cast(pa.int64()))
    pq.write_table(drifted, root.path / name)
    _relog(root, 2, "articles")
    report = check(root)
    assert [(f.kind, f.file) for f in report.findings] == [("schema_drift", name)]
    assert "version (int64 for int32)" in report.findings[0].what


def test_file_that_is_no_parquet_at_all(root):
    name = _path(root, "articles")
    (root.path / name).write_bytes(b"not parquet")
    _relog(root, 2, "articles")
    assert _kinds(root) == [("unreadable", name)]


def test_key_that_others_can_read_and_key_that_is_gone(root):
    root.key_file.chmod(0o644)
    assert _kinds(root) == [("key_exposed", "meta/author_key")]
    root.key_file.unlink()
    assert _kinds(root) == [("key_damaged", "meta/author_key")]


def _warc(root):
    (path,) = root.warc.rglob("*.warc.gz")
    return path


def test_missing_warc(root):
    name = _warc(root).relative_to(root.path).as_posix()
    _warc(root).unlink()
    assert _kinds(root) == [("warc_missing", name)]


def test_damaged_warc(root):
    path = _warc(root)
    data = bytearray(path.read_bytes())
    (file,) = Log(root).snapshot().of("fetches")
    rows = pq.read_table(root.path / file.path, partitioning=None).to_pylist()
    broken = next(row for row in rows if row["fetch_id"] == "fetch-t2")
    data[broken["warc_record_offset"] + 200] ^= 0xFF
    path.write_bytes(data)
    findings = check(root).findings
    assert [f.kind for f in findings] == ["warc_pointer"]
    assert "fetch-t2" in findings[0].what


def test_torn_warc(root):
    path = _warc(root)
    path.write_bytes(path.read_bytes()[:1500])
    assert {kind for kind, _ in _kinds(root)} == {"warc_pointer"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"url": "https://forum.example/other"}, "the row of https://forum.example/other"),
        ({"payload_sha256": "0" * 64}, "SHA-256 of the row"),
        ({"warc_type": "resource"}, "the row says resource"),
        ({"warc_record_offset": 3}, "no record begins there"),
        ({"warc_record_length": 40}, "breaks|ends|truncated|incomplete|length"),
        ({"warc_record_offset": None}, ""),
    ],
)
def test_pointer_to_another_record(root, change, said):
    (file,) = Log(root).snapshot().of("fetches")
    rows = pq.read_table(root.path / file.path, partitioning=None).to_pylist()
    row = next(row for row in rows if row["fetch_id"] == "fetch-t1")
    commit(Log(root), "b3", {"fetches": [row | {"fetch_id": "odd"} | change]})
    findings = check(root).findings
    assert len(findings) == 1
    assert findings[0].kind in {"warc_pointer", "warc_mismatch"}
    assert "odd" in findings[0].what
    assert re.search(said, findings[0].what)


def test_revisit_of_a_capture_that_no_row_knows(root):
    with WarcWriter(root, "run2") as writer:
        lost = writer.write(exchange(), Revisit("https://forum.example/never", START))
    commit(Log(root), "b3", {"fetches": [fetch(lost, fetch_id="lost")]})
    findings = check(root).findings
    assert [f.kind for f in findings] == ["warc_mismatch"]
    assert "never" in findings[0].what


def test_revisit_whose_row_states_another_payload_than_its_original(root):
    with WarcWriter(root, "run2") as writer:
        again = writer.write(exchange(), Revisit("https://forum.example/t1", START))
    row = fetch(again, fetch_id="odd", payload=b"something else")
    commit(Log(root), "b3", {"fetches": [row]})
    findings = check(root).findings
    assert [f.kind for f in findings] == ["warc_mismatch"]
    assert "odd" in findings[0].what


def test_payload_that_is_not_what_its_record_states(root):
    path = _warc(root)
    with WarcWriter(root, "run2") as writer:
        pointer = writer.write(exchange("https://forum.example/t3", b"honest text", coded=False))
    path = root.warc / pointer.filename
    data = path.read_bytes()
    end = pointer.offset + pointer.length
    record = gzip.decompress(data[pointer.offset : end]).replace(b"honest", b"forged")
    forged = gzip.compress(record)
    path.write_bytes(data[: pointer.offset] + forged + data[end:])
    row = fetch(pointer, thread="t3", payload=b"forged text", warc_record_length=len(forged))
    commit(Log(root), "b3", {"fetches": [row]})
    said = [finding.what for finding in check(root).findings]
    assert len(said) == 2
    assert any("the block does not have the digest" in what for what in said)
    assert any("the payload does not have the digest" in what for what in said)
    assert _kinds(root, quick=True) == []


def test_every_finding_has_a_remedy(root):
    (root.tables / "README.md").write_text("notes")
    _warc(root).unlink()
    assert all(finding.remedy and finding.what for finding in check(root).findings)
