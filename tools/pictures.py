"""Take the pictures in `docs/images` again: browsing pages and reports of the demo archive.

`make demo`, then `make pictures`. Needs Chromium and a font with Chinese characters (Debian:
`chromium`, `fonts-noto-cjk`). The pages are real: served by `crawlers.browse`, made by `report` and
`survey`, with sheets that the replicas' own truth fills.
"""

import base64
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

HERE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HERE))

import uvicorn  # noqa: E402 - after the path

from archive.root import Root  # noqa: E402
from crawlers.browse import application  # noqa: E402
from tests.integration import chromium  # noqa: E402

__all__ = ["main"]

ARCHIVE = HERE / "var/demo/archive"
OUT = HERE / "docs/images"
THREAD = {"source": "netease", "id": "KE5YQ5Z20511E93E"}
REPRINTED = "netease/KRB4XNPZ0511ZRB7"
TOPIC = HERE / "docs/examples/ascend-camps.toml"
PICTURES = {
    "browse-search": ("/", {"q": "華為", "names": 1}, 760, "wide"),
    "browse-thread": ("/thread", THREAD | {"as": "hant"}, 860, "wide"),
    "browse-reprints": ("/reprints", {"id": REPRINTED}, 420, "wide"),
    "browse-page": ("/page", {"id": "netease/KKL98T1R0511H08J"}, 760, "wide"),
    "browse-phone": ("/thread", THREAD | {"as": "hant"}, 844, "phone"),
    "browse-dark": ("/", {"q": "昇騰", "since": "2026-01-05"}, 640, "dark"),
}


@contextmanager
def _served() -> Iterator[str]:
    config = uvicorn.Config(
        application(Root.open(ARCHIVE)), port=0, log_level="error", lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://localhost:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


def _take(tab: Any, name: str, address: str, height: int, style: str) -> None:
    phone = style == "phone"
    width = 390 if phone else 1000
    tab.send(
        "Emulation.setDeviceMetricsOverride",
        width=width,
        height=height,
        deviceScaleFactor=1,
        mobile=phone,
    )
    scheme = "light" if style == "wide" else "dark"
    media = [{"name": "prefers-color-scheme", "value": scheme}]
    tab.send("Emulation.setEmulatedMedia", features=media)
    tab.open(address)
    tab.ask("(document.activeElement.blur(), 0)")
    data = tab.send("Page.captureScreenshot", format="webp", quality=82)["data"]
    (OUT / f"{name}.webp").write_bytes(base64.b64decode(data))


def _shenglu(*words: object) -> None:
    command = [sys.executable, "-m", "crawlers.cli", *map(str, words), "--archive", str(ARCHIVE)]
    subprocess.run(command, cwd=HERE, check=True)  # noqa: S603 - our own command


def _reports(folder: Path) -> Iterator[tuple[str, str, int]]:
    _shenglu("report", folder / "report.html")
    yield "report", (folder / "report.html").as_uri(), 900
    _shenglu("survey", TOPIC, "--out", folder)
    coders = [sys.executable, "-m", "tests.replicas.coders", folder / "sheet.csv", folder]
    subprocess.run(list(map(str, coders)), cwd=HERE, check=True)  # noqa: S603 - our own command
    coded = [word for name in ("ming", "yun") for word in ("--coded", folder / f"{name}.csv")]
    _shenglu("survey", TOPIC, "--out", folder, *coded)
    yield "survey", (folder / "report.html").as_uri(), 1000


def main() -> None:
    """Take all of them."""
    with tempfile.TemporaryDirectory() as work, chromium.page(Path(work) / "profile") as tab:
        with _served() as base:
            for name, (path, query, height, style) in PICTURES.items():
                _take(tab, name, f"{base}{path}?{urlencode(query)}", height, style)
        for name, address, height in _reports(Path(work)):
            _take(tab, name, address, height, "wide")


if __name__ == "__main__":
    main()
