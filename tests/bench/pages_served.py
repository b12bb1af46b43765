"""Static pages for speed runs, served by nginx where installed, else by a bare asyncio server.

Each page is an invented newspaper article in the shape that `crawlers/sites/people.py` reads, with
the navigation and scripts that real pages have; one list page names them all. Limits: 127.0.0.1.
"""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["LIST", "article_page", "served", "thread_page", "write_pages"]

LIST = "/people.com.cn/GB/1/index1.html"  # ends as the real section pages do
_PARAGRAPH = "港口的风从早上吹到晚上，渡轮公司第{}天说明天照常开船，请旅客提前一小时到码头。"
_LINK = '<li class="item"><a href="/nav/{0}/">频道{0}</a></li>'
_PAGE = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>渡轮第{n}天照常--人民网</title>
<meta name="publishdate" content="2026-01-05"><meta name="source" content="来源：海港日报">
<meta name="keywords" content="渡轮,码头"><meta name="description" content="渡轮照常。">
<link rel="canonical" href="{url}"></head><body><div class="nav"><ul>{nav}</ul></div>
<div id="rwb_navpath"><a href="/">人民网</a><a href="/GB/1/">社会</a></div>
<div class="text_title"><h1>渡轮第{n}天照常开船</h1></div>
<div class="author">作者：林海</div>
<div class="box01"><div class="fl">2026年01月05日08:{m:02d} <a href="/x">海港日报</a></div></div>
<div id="rwb_zw">{body}<p class="edit">(责编：王风、李浪)</p></div>
<script>var seen = [{numbers}];</script><!-- people.com.cn --></body></html>
"""


def article_page(n: int, size: int) -> bytes:
    """The n-th invented article, about `size` bytes of HTML."""
    url = f"/n1/2026/0105/c1-{n}.html"
    text = size * 2 // 5  # of the bytes are the article, the rest is what surrounds it
    body = "".join(f"<p>{_PARAGRAPH.format(n + i)}</p>" for i in range(max(1, text // 125)))
    nav = "".join(_LINK.format(i) for i in range(max(1, size * 2 // 5 // 62)))
    numbers = ",".join(str(10_000 + i) for i in range(max(1, (size // 5 - 600) // 6)))
    return _PAGE.format(n=n, url=url, nav=nav, m=n % 60, body=body, numbers=numbers).encode()


_THREAD = """<html><head><meta property="og:title" content="[閒聊] 第{n}班船"></head>
<body><a>批踢踢實業坊</a><div id="main-content">{text}

--
<span class="f2">※ 發信站: 批踢踢實業坊(ptt.cc), 來自: 192.0.2.1
</span>{pushes}</div></body></html>
"""
_OPENING = "港口的風從早上吹到晚上，渡輪公司說明天照常開船，請旅客提前{}小時到碼頭。\n"
_SAID = "第{n}班船我昨天坐過，浪很大但是準時到了，只是{i}號窗口排隊的人多"
_REMARK = f"""<div class="push"><span class="push-tag">推 </span>
<span class="push-userid">user{{who}}</span><span class="push-content">: {_SAID}</span>
<span class="push-ipdatetime"> 01/02 03:0{{m}}
</span></div>"""


def thread_page(n: int, remarks: int) -> bytes:
    """The n-th invented thread; 24 remarks make some 7 kB."""
    pushes = "".join(
        _REMARK.format(who=n * i % 997, n=n + i, i=i, m=i % 10) for i in range(remarks)
    )
    text = "".join(_OPENING.format(n + i) for i in range(6))
    return _THREAD.format(n=n, text=text, pushes=pushes).encode()


def write_pages(folder: Path, pages: int, size: int) -> None:
    """A list page and `pages` articles of about `size` bytes."""
    home = folder / "n1/2026/0105"
    home.mkdir(parents=True)
    for n in range(pages):
        (home / f"c1-{n}.html").write_bytes(article_page(n, size))
    links = "".join(
        f'<li><a href="/n1/2026/0105/c1-{n}.html">渡轮第{n}天照常开船</a></li>'
        for n in range(pages)
    )
    index = folder / LIST[1:]
    index.parent.mkdir(parents=True)
    index.write_text(f"<!DOCTYPE html><html><body><ul>{links}</ul></body></html>", "utf-8")


_NGINX = """worker_processes 1; pid {home}/nginx.pid; error_log {home}/error.log; daemon off;
events {{ worker_connections 512; }}
http {{ access_log off; types {{ text/html html; }} keepalive_requests 100000;
  client_body_temp_path {home}; proxy_temp_path {home}; fastcgi_temp_path {home};
  uwsgi_temp_path {home}; scgi_temp_path {home};
  server {{ listen 127.0.0.1:{port}; root {folder}; }} }}
"""

_BARE = """
import asyncio, pathlib, sys
folder, port = pathlib.Path(sys.argv[1]), int(sys.argv[2])
class Pages(asyncio.Protocol):
    def connection_made(self, transport):
        self.out, self.rest = transport, b""
    def data_received(self, data):
        *asked, self.rest = (self.rest + data).split(b"\\r\\n\\r\\n")
        for one in asked:
            path = folder / one.split(b" ", 2)[1].decode().lstrip("/")
            found = path.is_file()
            body = path.read_bytes() if found else b"none"
            line = b"200 OK" if found else b"404 Not Found"
            size = str(len(body)).encode()
            head = b"\\r\\nContent-Type: text/html\\r\\nContent-Length: " + size
            self.out.write(b"HTTP/1.1 " + line + head + b"\\r\\n\\r\\n" + body)
async def main():
    server = await asyncio.get_running_loop().create_server(Pages, "127.0.0.1", port)
    await server.serve_forever()
asyncio.run(main())
"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(folder: Path, home: Path) -> Iterator[str]:
    """The folder on a port of 127.0.0.1: its base URL. `home` holds the server's own files."""
    port, nginx = _free_port(), shutil.which("nginx")
    if nginx:
        for one in (folder, *folder.parents):
            if one.stat().st_uid == Path.home().stat().st_uid and one != Path("/"):
                one.chmod(one.stat().st_mode | 0o055)  # its workers run as another user
        (home / "nginx.conf").write_text(_NGINX.format(home=home, port=port, folder=folder))
        words = [nginx, "-p", str(home), "-c", str(home / "nginx.conf")]
    else:
        words = [sys.executable, "-c", _BARE, str(folder), str(port)]
    with subprocess.Popen(words) as server:
        try:
            until = time.monotonic() + 10
            while time.monotonic() < until:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
