"""One address for one page: what makes two URLs the same, for identity only.

Requests go to the URL as found; this form is what rows carry and what the frontier compares.
Tracking, session and view parameters go, so do fragments and default ports; the query is
sorted. Nothing is ever added, so a canonical URL still opens the page.

A parameter goes for its name only where that name means one thing everywhere (`utm_source`,
`fbclid`). A name that names content on some site (`sid`, `ref`, `from`, `cmp`, `timestamp`, `s`)
stays, unless its value looks like a session (32 hex digits), or the path or host is one of an
engine or paper that is known to use it otherwise: two rows of one page cost less than two pages
in one row.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit, urlunsplit

from w3lib.url import canonicalize_url, url_query_cleaner

__all__ = ["canonical"]

# Names of advertising and analytics firms, and PHP's and Java's session names.
_ALWAYS = frozenset(
    (
        *("fbclid", "gclid", "yclid", "dclid", "msclkid", "igshid", "mc_cid", "mc_eid", "_ga"),
        *("_gl", "bd_vid", "hmsr", "hmpl", "hmcu", "hmkw", "hmci", "nsukey", "isappinstalled"),
        *("vd_source", "share_token", "share_from", "share_source", "share_medium", "share_plat"),
        *("share_session_id", "share_tag", "share_times", "from_source", "ref_src"),
        *("pk_campaign", "pk_kwd", "pk_source", "pk_medium", "pk_content", "pk_cid"),
        *("phpsessid", "jsessionid"),
    )
)
_PREFIXED = re.compile(r"(?:utm|mtm|hsa)_\w|aspsessionid\w", re.IGNORECASE)
_SESSION = re.compile(r"[0-9a-f]{32}", re.IGNORECASE)
# Names that go where their value shows what they are: else they may name content.
_BY_VALUE = {
    **dict.fromkeys(("sid", "s", "sessionid", "session_id", "session", "sess"), _SESSION),
    **dict.fromkeys(("spm", "scm"), re.compile(r"[\w-]*(?:\.[\w-]*)+")),  # Alibaba: a2c4e.113.0
    **dict.fromkeys(("_t", "_"), re.compile(r"1\d{12}")),  # milliseconds against caches
    "formhash": re.compile(r"[0-9a-f]{8}"),
    "wfr": re.compile("spider"),
}
# Discuz! shows the same thread with these; `page` and `authorid` do select other content.
_FORUM = re.compile(r"/(?:forum|viewthread|forumdisplay|redirect|thread)\.php$")
_FORUM_DROP = frozenset(
    ("extra", "ordertype", "highlight", "mobile", "fromuid", "lastpost", "from", "sid", "sechash")
)
# What these hosts hang on an article's address to count where readers came from.
_ARTICLE = re.compile(
    r"\.s?html?$|/(?:a|article|group|rain/a|dy/article)/?\w*\d|/a\d+/?$|/articles/\w+"
)
_HOST_DROP = {
    "163.com": {"f", "from", "spm"},
    "sina.com.cn": {"from", "vt", "cre", "mod", "loc", "r", "rfunc", "tj", "tr"},
    "qq.com": {"pgv_ref", "adtag", "devid"},
    "sohu.com": {"_f", "pvid", "scm", "spm", "f"},
    "toutiao.com": {"wid", "log_from", "source", "app", "timestamp", "share_token"},
    "chinatimes.com": {"chdtv", "ctrack"},
    "bbc.com": {"at_medium", "at_campaign", "ocid"},
    "thepaper.cn": {"commtag"},
    "rthk.hk": {"sptabchangeable"},
}
_PATH_SESSION = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)


def _gone(parts: SplitResult) -> Iterator[str]:
    """The names of the query that do not say which page it is."""
    forum = bool(_FORUM.search(parts.path))
    labels = (parts.hostname or "").rstrip(".").split(".")
    own = _HOST_DROP.get(".".join(labels[-2:])) or _HOST_DROP.get(".".join(labels[-3:])) or ()
    if own and not _ARTICLE.search(parts.path):
        own = ()
    for pair in parts.query.split("&"):
        name, _, value = pair.partition("=")
        lower = name.lower()
        shape = _BY_VALUE.get(lower)
        if (
            lower in _ALWAYS
            or _PREFIXED.match(name)
            or (shape is not None and shape.fullmatch(value))
            or lower in own
            or (forum and lower in _FORUM_DROP)
        ):
            yield name


@lru_cache(maxsize=8192)
def canonical(url: str) -> str:
    """The URL under which a page is known; one that cannot be read comes back as it is."""
    try:
        parts = urlsplit(url.strip())
        if parts.scheme not in {"http", "https"}:
            return url
        gone = list(_gone(parts)) if parts.query else []
        host = (parts.hostname or "").rstrip(".")
        port = parts.port
        if port and port != {"http": 80, "https": 443}[parts.scheme]:
            host = f"{host}:{port}"
        path = _PATH_SESSION.sub("", parts.path)
        bare = urlunsplit((parts.scheme, host, path, parts.query, ""))
        if gone:
            bare = str(url_query_cleaner(bare, gone, remove=True, unique=False))
        return str(canonicalize_url(bare))
    except ValueError:
        return url
