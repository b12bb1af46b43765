"""Which addresses the crawler refuses, in all their spellings."""

from ipaddress import ip_address

import pytest

from crawlers.guard import literal_address, operator_hosts, refusal


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "017700000001",
        "0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[fe80::1%25eth0]",
        "[fd00::1]",
        "[2002:7f00:1::]",
    ],
)
def test_a_private_address_is_seen_in_every_spelling(host):
    address = literal_address(host)
    assert address is not None
    assert refusal(address)


@pytest.mark.parametrize("host", ["8.8.8.8", "[2606:4700::1111]", "134744072"])
def test_a_public_address_passes(host):
    assert refusal(literal_address(host)) == ""


@pytest.mark.parametrize("host", ["www.ptt.cc", "localhost", "1.example.org", "bbs.", ""])
def test_a_name_is_no_address(host):
    assert literal_address(host) is None


def test_resolved_loopback_is_refused():
    assert "127.0.0.1" in refusal(ip_address("127.0.0.1"))


def test_the_operator_may_name_private_hosts_port_and_all():
    words = ["http://127.0.0.1:8001", "http://10.0.0.5/a,https://intra.example/b", "Stock"]
    assert operator_hosts(words) == {"127.0.0.1:8001", "10.0.0.5", "intra.example"}
