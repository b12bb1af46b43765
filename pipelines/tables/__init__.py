"""The committed tables of the text pipeline, and their digest.

`build.py` beside this file makes all but the reviewed lists (`protected.tsv`, `rules.tsv`) from
packages whose licences are named in NOTICE. Everything is read once, on first use. The digest goes
into every row, so that a row tells which tables made it.
"""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["digest", "path", "read_bytes", "read_json", "read_lines"]

_ROOT = Path(__file__).parent
_SHIPPED = {".json", ".tsv", ".ocd2", ".bin", ".txt"}


def path(name: str) -> Path:
    """Where a table lies, for libraries that open files themselves."""
    return _ROOT / name


def read_bytes(name: str) -> bytes:
    """The bytes of a table."""
    return (_ROOT / name).read_bytes()


@cache
def read_json(name: str) -> Any:
    """A JSON table, decoded; not to be changed by who asks, since all get the same one."""
    return json.loads(read_bytes(name))


def read_lines(name: str) -> list[list[str]]:
    """Rows of a tab-separated table; blank lines and lines that begin with # are left out."""
    lines = (_ROOT / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line.strip() and not line.startswith("#")]


@cache
def digest() -> str:
    """First 12 hex digits of the SHA-256 over names and bytes of all tables."""
    total = hashlib.sha256()
    for file in sorted(p for p in _ROOT.iterdir() if p.suffix in _SHIPPED):
        total.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return total.hexdigest()[:12]
