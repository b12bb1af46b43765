"""CDXJ: one sorted text line a capture, the index that web archive tools exchange.

`<SURT key> <14-digit time> {"url", "mime", "status", "digest", "length", "offset", "filename"}`,
sorted by byte value. An index is derived: it is written beside its WARC file (`x.warc.gz` ->
`x.cdxj`) when that is closed, and `rebuild` makes the missing ones again.

The key follows the rules of the Internet Archive's URL canonicaliser (host reversed, `www` and
default port dropped, lower case, query sorted, no trailing slash). The `surt` package that
defines them is AGPL, so they are applied here on top of `urlcanon` (Apache-2.0).
"""

import heapq
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from functools import lru_cache
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile

import urlcanon

from archive import files
from archive.root import Root
from archive.warc_cold import warc_files
from archive.warc_read import iter_records
from archive.warc_record import StoredRecord

__all__ = ["index_lines", "index_path", "rebuild", "surt_key", "write_index"]

_WWW = re.compile(r",www[0-9]*(?=,:|,$)")
_IPV4 = re.compile(r"[0-9]+(?:\.[0-9]+){3}(?=:|$)")
_SESSION = re.compile(
    r"(?:(?<=&)|^)(?:jsessionid=[0-9a-z]{32}|phpsessid=[0-9a-z]{32}|sid=[0-9a-z]{32}"
    r"|aspsessionid[a-z]{8}=[a-z]{24})(?:&|$)"
)

# A host and a path of which the canonicaliser changes nothing but the case: most URLs.
_LABEL = r"[a-z0-9](?:-?[a-z0-9])*"
_BYTE = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_PLAIN = re.compile(
    rf"https?://(?P<host>(?:{_LABEL}\.)+[a-z](?:-?[a-z0-9])+|(?:{_BYTE}\.){{3}}{_BYTE})"
    r"(?P<port>:(?!80/|443/)[1-9]\d{1,4})?(?P<path>/[A-Za-z0-9._~/-]*)"
)
_RUN = 10_000  # lines sorted in memory


@lru_cache(maxsize=1024)
def surt_key(url: str) -> str:
    """The sort-friendly key of a URL, equal for spellings that archives take to be one page.

    A URL that is not hierarchical (`urn:`, `dns:`) is its own key, in lower case.
    """
    if "://" not in url:
        return url.lower()
    if (plain := _PLAIN.fullmatch(url)) and "//" not in plain["path"] and "/." not in plain["path"]:
        host = _WWW.sub("", ",".join(reversed(plain["host"].split("."))) + ",").rstrip(",")
        return f"{host}{plain['port'] or ''}){plain['path'].lower().rstrip('/') or '/'}"
    try:
        key = urlcanon.google(url).surt(with_scheme=False).decode("utf-8", "replace").lower()
    except ValueError:  # a host of numbers that are none
        return url.lower()
    host, _, rest = key.partition(")")
    host = _WWW.sub("", host).replace(",:", ":").rstrip(",")
    host = _IPV4.sub(lambda found: ",".join(reversed(found[0].split("."))), host)
    path, _, query = rest.partition("?")
    path = path.rstrip("/") or "/"
    query = "&".join(sorted(_SESSION.sub("", query).rstrip("&").split("&"))) if query else ""
    return f"{host}){path}?{query}" if query else f"{host}){path}"


def index_lines(root: Root, warc_file: Path) -> Iterator[str]:
    """The index lines of one WARC file, in file order, without line ends.

    Damaged records, requests and warcinfo have no line.
    """
    for record in iter_records(warc_file, root):
        if record.pointer is not None and record.type in {"response", "revisit", "resource"}:
            yield _line(record, record.pointer.filename)


def _line(record: StoredRecord, filename: str) -> str:
    status, mime = record.http_summary()
    fields = {
        "url": record.url,
        "mime": "warc/revisit" if record.type == "revisit" else mime,
        "status": str(status) if status else None,
        "digest": record.field("WARC-Payload-Digest") or None,
        "length": str(record.pointer.length if record.pointer else 0),
        "offset": str(record.pointer.offset if record.pointer else 0),
        "filename": filename,
    }
    kept = {name: value for name, value in fields.items() if value is not None}
    time = f"{record.date:%Y%m%d%H%M%S}".rjust(14, "0")
    return f"{surt_key(record.url)} {time} {json.dumps(kept, ensure_ascii=False)}"


def index_path(warc_file: Path) -> Path:
    """Where the index of a WARC file lies."""
    bare = warc_file.name.removesuffix(".gz").removesuffix(".zst").removesuffix(".warc")
    return warc_file.with_name(f"{bare}.cdxj")


def write_index(root: Root, warc_file: Path) -> Path:
    """Write the index of one WARC file beside it; raises `StorageError`.

    A file of 1 GiB can hold 300,000 captures: their lines are sorted in runs that lie on the disk.
    """
    target = index_path(warc_file)
    lines = (f"{line}\n".encode() for line in index_lines(root, warc_file))
    with files.disk("write", target), ExitStack() as runs, files.replacing(target) as out:
        out.writelines(heapq.merge(*_runs(lines, target.parent, runs)))
    return target


def _runs(lines: Iterator[bytes], folder: Path, opened: ExitStack) -> Iterator[Iterable[bytes]]:
    """The lines in sorted runs, all but the last in files without a name."""
    while some := sorted(islice(lines, _RUN)):
        if len(some) < _RUN:
            yield some
            return
        run = opened.enter_context(TemporaryFile(dir=folder))  # noqa: SIM115 - `opened` closes it
        run.writelines(some)
        run.seek(0)
        yield run


def rebuild(root: Root, *, everything: bool = False) -> list[Path]:
    """Write the indexes that are missing (or all of them); returns what was written.

    A file that a running writer still appends to gets an index too; closing it replaces that.
    """
    return [
        write_index(root, warc_file)
        for warc_file in warc_files(root)
        if everything or not index_path(warc_file).exists()
    ]
