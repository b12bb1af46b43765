"""The files in `deploy/` are sound: units verify, commands parse, containers have no rights."""

import re
import shlex
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path

import click
import pytest

from crawlers.cli import shenglu
from crawlers.registry import sites

DEPLOY = Path(__file__).parents[2] / "deploy"
yaml = pytest.importorskip("yaml")


def unit(name):
    parser = RawConfigParser(strict=False)
    parser.optionxform = str
    parser.read_string((DEPLOY / name).read_text("utf-8"))
    return parser


def parses(words):
    verb, *rest = words
    command = shenglu.get_command(click.Context(shenglu), verb)
    assert command is not None, verb
    context = click.Context(command, info_name=verb, **command.context_settings)
    given, left, _ = command.make_parser(context).parse_args(list(rest))
    loose = [*left, *(w for v in given.values() if isinstance(v, tuple) for w in v)]
    known = {name for site in sites().values() for name in site.options}
    unknown = [w for w in loose if str(w).startswith("--") and w[2:].split("=")[0] not in known]
    assert unknown == []


def options():
    text = (DEPLOY / "shenglu.env").read_text("utf-8")
    return shlex.split(re.search(r"^OPTIONS=(.*)$", text, re.MULTILINE)[1])


def test_the_service_runs_what_there_is_and_may_do_little():
    service = unit("shenglu@.service")["Service"]
    words = shlex.split(service["ExecStart"].replace("%i", "ptt"))
    assert words[0].endswith("/bin/shenglu")
    parses([w for word in words[1:] for w in (options() if word == "$OPTIONS" else [word])])
    assert int(service["TimeoutStopSec"]) > 10
    assert service["KillSignal"] == "SIGTERM"
    assert service["SuccessExitStatus"] == "4"
    for name in ("NoNewPrivileges", "PrivateTmp", "ProtectHome", "PrivateDevices"):
        assert service[name] == "yes"
    assert (service["ProtectSystem"], service["CapabilityBoundingSet"]) == ("strict", "")
    assert unit("shenglu@.timer")["Timer"]["Persistent"] == "yes"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_finds_no_fault_in_the_units(tmp_path):
    for name in ("shenglu@.service", "shenglu@.timer"):
        text = (DEPLOY / name).read_text("utf-8")
        program = "/srv/shenglu/.venv/bin/shenglu"
        (tmp_path / name).write_text(text.replace(program, "/bin/true"), "utf-8")
    named = [str(tmp_path / name) for name in ("shenglu@ptt.service", "shenglu@ptt.timer")]
    for name in named:
        Path(name).symlink_to(name.replace("@ptt", "@"))
    command = ["systemd-analyze", "verify", "--man=no", *named]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if "shenglu" in line]
    assert said == []
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_the_service_is_little_exposed():
    command = ["systemd-analyze", "security", "--offline=yes", "--threshold=30"]
    path = DEPLOY / "shenglu@.service"
    done = subprocess.run([*command, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-1500:]


def test_every_line_of_the_crontab_parses():
    lines = (DEPLOY / "crontab").read_text("utf-8").splitlines()
    jobs = [line for line in lines if re.match(r"[\d*]", line)]
    assert len(jobs) == 4
    for line in jobs:
        assert len(line.split()[:5]) == 5
        found = re.search(r"\.venv/bin/shenglu (.*?)\s*>", line)
        parses(shlex.split(found[1]))


def test_containers_have_no_rights_and_their_commands_parse():
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    assert set(services) == {"crawl", "check", "gaps"}
    for service in services.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert int(service["stop_grace_period"].rstrip("s")) > 10
        parses(service["command"])
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    assert text.index("USER shenglu") < text.index("ENTRYPOINT")
    for line in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        assert all((DEPLOY.parent / name).exists() for name in line.split())


def test_logs_that_are_rotated_are_those_that_cron_writes():
    rotated = (DEPLOY / "logrotate.conf").read_text("utf-8")
    for name in re.findall(r">> (var/\S+)", (DEPLOY / "crontab").read_text("utf-8")):
        assert f"/srv/shenglu/var/*{Path(name).suffix}" in rotated
