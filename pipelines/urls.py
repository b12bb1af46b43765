"""One address for one page: what makes two URLs the same, for identity only.

Requests go to the URL as found; this form is what rows carry and what the frontier compares.
Tracking, session and view parameters go, so do fragments and default ports; the query is
sorted. Nothing is ever added, so a canonical URL still opens the page.
"""

import re
from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

from w3lib.url import canonicalize_url, url_query_cleaner

__all__ = ["canonical"]

_DROP = frozenset(
    (
        *(
            "spm",
            "scm",
            "fbclid",
            "gclid",
            "yclid",
            "dclid",
            "msclkid",
            "igshid",
            "mc_cid",
            "mc_eid",
        ),
        *("phpsessid", "jsessionid", "sid", "sessionid", "formhash", "sechash", "_t", "timestamp"),
        *(
            "from_source",
            "share_token",
            "share_from",
            "share_source",
            "vd_source",
            "isappinstalled",
        ),
        *("nsukey", "wfr", "ref_src", "ref", "chdtv", "bd_vid", "hmsr", "hmpl", "ftag", "cmp"),
    )
)
_DROP_PREFIX = re.compile(r"^(?:utm|share|ga|mtm|pk|hsa)_", re.IGNORECASE)
# Discuz! shows the same thread with these; `page` and `authorid` do select other content.
_FORUM_DROP = frozenset(
    ("extra", "ordertype", "highlight", "mobile", "fromuid", "lastpost", "from")
)
_FORUM = re.compile(r"/(?:forum|viewthread|forumdisplay|redirect|thread)\.php$")
# What these hosts hang on an article's address to count where readers came from.
_HOST_DROP = {
    "163.com": {"f"},
    "sina.com.cn": {"from", "vt", "cre", "mod", "loc", "r", "rfunc", "tj", "tr"},
    "qq.com": {"pgv_ref", "adtag", "devid"},
    "sohu.com": {"_f", "pvid", "scm", "spm", "f"},
    "toutiao.com": {"wid", "log_from", "source", "app"},
}
_PATH_SESSION = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)


@lru_cache(maxsize=8192)
def canonical(url: str) -> str:
    """The URL under which a page is known; one that cannot be read comes back as it is."""
    try:
        parts = urlsplit(url.strip())
        if parts.scheme not in {"http", "https"}:
            return url
        names = {pair.partition("=")[0] for pair in parts.query.split("&")}
        forum = _FORUM.search(parts.path)
        labels = (parts.hostname or "").split(".")
        own = _HOST_DROP.get(".".join(labels[-2:])) or _HOST_DROP.get(".".join(labels[-3:])) or ()
        gone = [
            name
            for name in names
            if name.lower() in _DROP
            or name.lower() in own
            or _DROP_PREFIX.match(name)
            or (forum and name.lower() in _FORUM_DROP)
        ]
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
