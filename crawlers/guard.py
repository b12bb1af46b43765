"""Keeps the crawler out of private networks (server-side request forgery, OWASP A10:2021).

A page of a hostile site may redirect or link to 127.0.0.1, to a router, or to a cloud's metadata
address. Every request, redirects included, is checked after name resolution: only http and https,
only public addresses. Hosts that the operator named (--base-url, URLs in options) may be private:
that is how replicas and intranets are crawled. Scrapy keeps the resolved address in its DNS cache,
so the connection goes to the very address that was checked.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from scrapy.exceptions import IgnoreRequest
from scrapy.utils.defer import maybe_deferred_to_future

if TYPE_CHECKING:
    import scrapy
    from scrapy.crawler import Crawler

__all__ = ["Guard", "literal_address", "operator_hosts", "refusal"]

_SCHEMES = frozenset({"http", "https"})
_V4_IN_V6 = ("ipv4_mapped", "sixtofour")


def operator_hosts(words: list[str]) -> frozenset[str]:
    """The hosts (with port, where one is given) of all URLs among an operator's options."""
    parts = (urlsplit(one.strip()) for word in words for one in word.split(","))
    return frozenset(part.netloc.lower() for part in parts if part.scheme in _SCHEMES)


def literal_address(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host spells, decimal, octal and hex forms included; None for a name.

    `inet_aton` reads what the C library reads: 2130706433, 0x7f.1 and 017700000001 are loopback.
    """
    try:
        return ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host)) if host[-1:].isalnum() else None
    except (OSError, ValueError):
        return None


def refusal(address: IPv4Address | IPv6Address) -> str:
    """Why an address is not to be asked; empty for a public one."""
    for form in _V4_IN_V6:
        inner = getattr(address, form, None)
        if inner is not None:
            return refusal(inner)
    if address.is_global and not address.is_multicast:
        return ""
    return f"{address} is no public address; only hosts named by the operator may be private"


class Guard:
    """Downloader middleware that refuses private addresses and other schemes."""

    def __init__(self, crawler: "Crawler") -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    async def process_request(self, request: "scrapy.Request") -> None:
        """Let the request pass or raise `IgnoreRequest` with the reason."""
        spider: Any = self._crawler.spider
        parts = urlsplit(request.url)
        if parts.scheme not in _SCHEMES:
            raise IgnoreRequest(f"{parts.scheme}: is not fetched, only http and https")
        if parts.netloc.lower() in spider.operator_hosts:
            return
        host = parts.hostname or ""
        address = literal_address(host) or await self._resolved(host)
        if address is not None and (reason := refusal(address)):
            raise IgnoreRequest(reason)

    async def _resolved(self, host: str) -> IPv4Address | IPv6Address | None:
        """The address that the connection will use; None where there is none (that fails later)."""
        from twisted.internet import reactor  # noqa: PLC0415 - exists only once Scrapy runs

        try:
            resolve: Any = reactor.resolve
            return ip_address(await maybe_deferred_to_future(resolve(host)))
        except Exception:  # noqa: BLE001 - any resolver's failure; the download names it
            return None
