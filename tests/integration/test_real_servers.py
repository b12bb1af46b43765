"""Comment servers and forums that others wrote, run here, filled by us, crawled, and compared.

`make trials` runs it. Isso, Spirit, PunkwebBB and Mezzanine come from PyPI into environments of
their own; WordPress needs Debian's packages `wordpress php-mysql mariadb-server` and a theme.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

import archive

SERVERS = Path(__file__).parent / "servers"
WORDPRESS = Path("/usr/share/wordpress")

pytestmark = [pytest.mark.trials, pytest.mark.slow, pytest.mark.timeout(900)]


def environment(request, name, package):
    """The programs of a package from PyPI, in an environment that the next run finds again."""
    home = Path(request.config.cache.mkdir(name))
    if not (home / "installed").exists():
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        install = [home / "bin/pip", "install", "-q", package]
        said = subprocess.run(install, capture_output=True, text=True, check=False)
        if said.returncode:
            pytest.skip(f"{package} cannot be installed here: {said.stderr[-300:]}")
        (home / "installed").touch()
    return home / "bin"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def serving(words, port, **more):
    """A server as a process, once it takes connections."""
    with subprocess.Popen(
        [*map(str, words)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more
    ) as server:
        try:
            until = time.monotonic() + 60
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    assert server.poll() is None, f"{words[0]} ended at once"
                    assert time.monotonic() < until, f"{words[0]} takes no connection"
                    time.sleep(0.2)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


@pytest.fixture
def crawl(tmp_path):
    """Crawls into an archive of its own and gives the rows of its comments."""

    def run(*words, into="a"):
        folder = tmp_path / into
        command = [sys.executable, "-m", "crawlers.cli", "crawl", *words, "--delay", "0"]
        command += ["--keep-names", "--archive", str(folder)]
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=SERVERS.parents[2], check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        sql = """SELECT c.*, t.complete, t.comments_declared, t.comments_known, a.title
            FROM comments c JOIN threads t USING (source, thread_id)
            LEFT JOIN articles a ON a.source = c.source AND a.article_id = c.thread_id"""
        with archive.open(folder) as opened:
            return opened.arrow(sql).to_pylist()

    return run


def test_isso(request, crawl, tmp_path):
    port = free_port()
    config = tmp_path / "isso.cfg"
    config.write_text(
        f"[general]\ndbpath = {tmp_path}/isso.db\nhost = http://127.0.0.1:{port}/\n"
        f"[server]\nlisten = http://127.0.0.1:{port}\n[guard]\nenabled = false\n"
    )
    truth = set()
    programs = environment(request, "isso", "isso")
    with serving([programs / "isso", "-c", config, "run"], port) as base:
        for page, count in enumerate((70, 15)):
            ids = []
            for n in range(count):
                parent = ids[n // 3] if n % 3 == 2 else None
                text = f"第{n}樓：調度改得不錯，昇騰跑得動（{page}-{n}）"
                said = {"author": f"旅客{n % 7}", "text": text, "title": "港口", "parent": parent}
                asked = urllib.request.Request(  # noqa: S310 - our own server
                    f"{base}/new?uri={quote(f'/log-{page}/')}",
                    json.dumps(said).encode(),
                    {"Content-Type": "application/json", "Origin": base},
                )
                with urllib.request.urlopen(asked) as answer:  # noqa: S310 - our own server
                    made = json.load(answer)
                ids += [] if made["parent"] else [made["id"]]
                above = str(made["parent"]) if made["parent"] else None
                truth.add((f"/log-{page}/", str(made["id"]), above, text, f"旅客{n % 7}"))
        urls = ",".join(f"{base}/?uri=/log-{page}/" for page in range(2))
        rows = crawl("isso", "--url", urls)
    named = ("thread_id", "comment_id", "parent_id", "text", "author_name")
    assert {tuple(row[name] for name in named) for row in rows} == truth
    assert len(rows) == len(truth) == 85


def test_a_forum_of_an_engine_that_no_file_here_describes(request, crawl, tmp_path):
    programs = environment(request, "spirit", "django-spirit")
    paths = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}

    def run(*words, cwd, stdin=b""):
        subprocess.run(words, cwd=cwd, input=stdin, env=paths, check=True, capture_output=True)

    run(programs / "spirit", "startproject", "forum", cwd=tmp_path)
    home = tmp_path / "forum"
    manage = [programs / "python", "manage.py"]
    settings = "--settings=forum.settings.dev"
    run(*manage, "spiritinstall", settings, cwd=home)
    run(*manage, "shell", settings, cwd=home, stdin=(SERVERS / "spirit_seed.py").read_bytes())
    truth = {tuple(row) for row in json.loads((home / "truth.json").read_text())}
    port = free_port()
    with serving([*manage, "runserver", str(port), "--noreload", settings], port, cwd=home) as base:
        rows = crawl("web", "--list", f"{base}/")
    assert {(row["title"], row["text"], row["author_name"]) for row in rows} == truth
    assert len(rows) == len(truth) == 168
    assert all(row["complete"] for row in rows)


def django(folder, programs, *, seed):
    """The words that manage a Django project, once its tables are made and its seed has run."""
    manage = [programs / "python", "manage.py"]
    subprocess.run([*manage, "migrate", "-v0"], cwd=folder, check=True, capture_output=True)
    return manage, told(folder, manage, seed)


def told(folder, manage, script):
    """Runs a script of ours inside of a server's project; the truth that is in its folder then."""
    words = (SERVERS / script).read_bytes()
    subprocess.run([*manage, "shell"], cwd=folder, input=words, check=True, capture_output=True)
    return json.loads((folder / "truth.json").read_text())


def test_a_forum_in_pages_and_what_became_of_it(request, crawl, tmp_path):
    programs = environment(request, "punkweb", "punkweb-bb")
    subprocess.run([programs / "django-admin", "startproject", "port", tmp_path], check=True)
    with (tmp_path / "port/settings.py").open("a") as settings:
        settings.write("INSTALLED_APPS += ['punkweb_bb']\nALLOWED_HOSTS = ['*']\n")
        settings.write("TIME_ZONE = 'UTC'\nPUNKWEB_BB = {'SHOUTBOX_ENABLED': False}\n")
    (tmp_path / "port/urls.py").write_text(
        "from django.urls import include, path\n"
        "urlpatterns = [path('forum/', include('punkweb_bb.urls'))]\n"
    )
    manage, truth = django(tmp_path, programs, seed="punkweb_seed.py")
    port = free_port()
    words = [*manage, "runserver", str(port), "--noreload"]
    with serving(words, port, cwd=tmp_path) as base:
        ways = ("web", "--list", f"{base}/forum/subcategory/ferry/")
        first = crawl(*ways)
        again = crawl(*ways)
        told(tmp_path, manage, "punkweb_change.py")
        last = crawl(*ways)
    posts = {
        (
            *(row[name] for name in ("title", "comment_id", "text", "author_name")),
            row["published_at"].isoformat()[:16],
        )
        for row in first
    }
    assert posts == {tuple(row) for row in truth}
    assert len(first) == len(truth) == 291
    assert {row["comment_id"]: row["text"] for row in again} == {
        row["comment_id"]: row["text"] for row in first
    }
    by_time = sorted(truth, key=lambda post: post[-1])
    known = {row["comment_id"] for row in first}
    assert [row["text"][:2] for row in last if row["comment_id"] not in known] == ["新來"] * 2
    assert [row["comment_id"] for row in last if row["version"] > 1] == [by_time[10][1]]
    gone = [row["comment_id"] for row in last if row["seen_state"] == "missing"]
    assert gone == [by_time[40][1]]
    assert len(last) == len(first) + 2


def test_answers_below_answers_of_a_blog(request, crawl, tmp_path):
    programs = environment(request, "mezzanine", "mezzanine")
    made = [programs / "mezzanine-project", "port", tmp_path]
    subprocess.run(made, check=True, capture_output=True)
    (tmp_path / "port/local_settings.py").write_text(
        "ALLOWED_HOSTS = ['*']\nDEBUG = False\nSECRET_KEY = NEVERCACHE_KEY = 'x'\n"
        "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'dev.db'}}\n"
    )
    manage, truth = django(tmp_path, programs, seed="mezzanine_seed.py")
    port = free_port()
    words = [*manage, "runserver", str(port), "--noreload", "--insecure"]
    with serving(words, port, cwd=tmp_path) as base:
        rows = crawl("web", "--list", f"{base}/blog/")
    named = ("title", "comment_id", "parent_id", "text", "author_name")
    assert {tuple(row[name] for name in named) for row in rows} == {tuple(row) for row in truth}
    assert len(rows) == len(truth) == 288


@pytest.fixture
def wordpress(tmp_path):
    """A WordPress of Debian's with its own MariaDB; gives its address and the truth."""
    missing = [name for name in ("php", "mariadbd", "mariadb-install-db") if not shutil.which(name)]
    if missing or not (WORDPRESS / "wp-load.php").exists():
        pytest.skip("needs Debian's packages wordpress, php-cli, php-mysql and mariadb-server")
    themes = [path.name for path in (WORDPRESS / "wp-content/themes").iterdir() if path.is_dir()]
    if not themes:
        pytest.skip("needs a theme: Debian's package wordpress-theme-twentytwentyone")
    site = tmp_path / "wp"
    shutil.copytree(WORDPRESS, site, ignore=shutil.ignore_patterns("wp-config.php"))
    data, port, database_port = tmp_path / "db", free_port(), free_port()
    socket_file, base = tmp_path / "sql.sock", f"http://127.0.0.1:{port}"
    common = ["--no-defaults", f"--datadir={data}", f"--tmpdir={tmp_path}"]
    subprocess.run(["mariadb-install-db", *common], check=True, capture_output=True)
    (site / "wp-config.php").write_text(
        "<?php\n"
        "define('DB_NAME', 'wp'); define('DB_USER', 'wp'); define('DB_PASSWORD', 'wp');\n"
        f"define('DB_HOST', 'localhost:{socket_file}'); define('DB_CHARSET', 'utf8mb4');\n"
        "define('DB_COLLATE', ''); define('DISABLE_WP_CRON', true);\n"
        f"define('WP_HOME', '{base}'); define('WP_SITEURL', '{base}');\n"
        "define('WP_HTTP_BLOCK_EXTERNAL', true); $table_prefix = 'wp_';\n"
        "if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');\n"
        "require_once ABSPATH . 'wp-settings.php';\n"
    )
    daemon = ["mariadbd", *common, f"--socket={socket_file}", f"--port={database_port}"]
    daemon += ["--bind-address=127.0.0.1"] + (["--user=root"] if os.geteuid() == 0 else [])
    with serving(daemon, database_port):
        grant = "CREATE DATABASE wp CHARACTER SET utf8mb4; CREATE USER wp@localhost IDENTIFIED BY"
        grant += " 'wp'; GRANT ALL ON wp.* TO wp@localhost"
        subprocess.run(["mariadb", "-S", socket_file, "-e", grant], check=True)
        seed = ["php", SERVERS / "wordpress_seed.php", site, base]
        said = subprocess.run(seed, capture_output=True, text=True, check=True)
        truth = json.loads(said.stderr.splitlines()[-1])
        server = ["php", "-S", f"127.0.0.1:{port}", "-t", site, SERVERS / "wordpress_router.php"]
        many = {**os.environ, "PHP_CLI_SERVER_WORKERS": "4"}
        with serving(server, port, env=many):
            yield base, truth


def test_wordpress_by_its_api_and_by_its_pages(crawl, wordpress):
    base, truth = wordpress
    whole = {(ident, parent, text) for ident, parent, text, _ in truth}
    times = {ident: at[:16] for ident, _, _, at in truth}
    ways = {
        "api": ("wordpress", "--host", base),
        "pages": ("web", "--sitemap", f"{base}/wp-sitemap.xml"),
    }
    for way, words in ways.items():
        rows = crawl(*words, into=way)
        assert len(rows) == len(truth) == 270
        got = {(row["comment_id"], row["parent_id"], row["text"]) for row in rows}
        # The pages show no answer deeper than five levels as one.
        assert len(got & whole) >= len(whole) * (1 if way == "api" else 0.99)
        seen = {row["comment_id"]: row["published_at"].isoformat()[:16] for row in rows}
        assert seen == times
        assert all(row["complete"] for row in rows)
