"""How each site's page objects were last verified; no source has been verified live.

`server`: the engine's own server was run on loopback, filled, crawled and compared row by row
(WordPress by its REST API and by its pages, Isso, Waline). `replica`: a replica of the site with
a known truth is crawled in the tests, and real saved pages were read. `saved page`: real pages
that others had saved were read and compared with what stands on them. `fixture`: pages that we
wrote after descriptions of the site, the engine's own templates, its documented API or other
people's crawlers; expect to mend something on the first live page. A site moves up here when its
pages have been checked, with `shenglu sites test`.
"""

__all__ = ["how_verified"]

_SERVER = frozenset(("isso", "waline", "wordpress"))
_REPLICA = frozenset(("ptt", "discuz", "netease"))
_SAVED = frozenset(
    (
        *("douban", "gmw", "guancha", "huanqiu", "ifeng", "lihkg", "ltn", "people", "qq", "sina"),
        *("sohu", "tieba", "toutiao", "udn", "v2ex", "weixin", "yahoo", "zhihu"),
    )
)


def how_verified(site: str) -> str:
    """`server`, `replica`, `saved page` or `fixture` for the name of a site."""
    if site in _SERVER:
        return "server"
    if site in _REPLICA:
        return "replica"
    return "saved page" if site in _SAVED else "fixture"
