"""The sites there are: each module below `crawlers.sites` that declares one; nothing registers."""

import sys
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any
from urllib.parse import urlsplit

import crawlers.sites
from crawlers.site import Site
from crawlers.verified import how_verified
from crawlers.view import View

__all__ = ["site_for", "site_rows", "sites"]


@cache
def sites() -> dict[str, type[Site]]:
    """Name -> site, sorted by name."""
    found: dict[str, type[Site]] = {}
    for module in iter_modules(crawlers.sites.__path__, "crawlers.sites."):
        for value in vars(import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, Site) and value is not Site:
                found[value.name] = value
    return dict(sorted(found.items()))


def site_rows() -> list[dict[str, Any]]:
    """What the tables of sites say of each: for people and for docs/sites.md."""
    return [
        {
            "site": site.name,
            "hosts": list(site.hosts),
            "gives": sorted({str(page.page_class) for page in site.pages}),
            "crawled": site.crawlable,
            "verified": how_verified(site.name),
            "delay": site.delay,
            "options": dict(site.options),
            "robots": site.robots_note,
            "about": (sys.modules[site.__module__].__doc__ or "").strip().splitlines()[0],
        }
        for site in sites().values()
    ]


@cache
def _by_host() -> dict[str, type[Site]]:
    return {host: site for site in sites().values() for host in site.hosts}


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _hosted(host: str) -> type[Site] | None:
    """The site of a host, or of the nearest parent domain (`tech.163.com`: `163.com`)."""
    known = _by_host()
    labels = host.split(".")
    for cut in range(len(labels) - 1):
        parent = ".".join(labels[cut:])
        if found := known.get(parent) or known.get(f"www.{parent}"):
            return found
    return None


def site_for(view: View) -> type[Site] | None:
    """The site that a page belongs to: by host, else by marks on the page itself.

    The second way knows engines on any host, replicas, and saved pages without a URL. A URL
    pattern alone is no proof there: `/thread-1-1-1.html` may be anybody's.
    """
    if view.url and (site := _hosted(_host(view.url))):
        return site
    # What a page says of its address is no proof, but it saves asking all the others first.
    said = None if view.url or view.is_data else _hosted(_host(view.address))
    for site in (*filter(None, [said]), *sites().values()):
        if any(page.marks and view.has(*page.marks) for page in site.pages):
            return site
    return None
