"""Privacy: people become keyed hashes before anything is stored in a table.

The key is the operator's and never part of a release: without it a hash cannot be tried
against a list of known names. Limits: the WARC keeps pages as they were published, and a
text may name its writer; whoever holds those needs no hash.
"""

import re
import unicodedata
from functools import lru_cache
from hashlib import blake2b

from archive.errors import UsageError

__all__ = ["author_hash", "mask_address", "pseudonymous_id"]

_DOMAIN = b"shenglu.author.1"  # personal string of BLAKE2b, at most 16 bytes
_IPV4 = re.compile(r"(?<![\d.])(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}(?![\d.])")
_IPV6 = re.compile(r"(?i)(?<![\w:])([0-9a-f]{1,4}:[0-9a-f]{1,4}):[0-9a-f:]*[0-9a-f](?![\w:])")


@lru_cache(maxsize=4096)
def author_hash(
    key: bytes, source: str, author: str | None, author_id: str | None = None
) -> str | None:
    """Keyed BLAKE2b (16 bytes, hex; RFC 7693) of an author within a source, None without one.

    The site's user id is taken before the name: names change, ids do not. An id and a name
    that look alike give different hashes, and so does the same person on two sources.
    `key` is 16 to 64 bytes; any other length raises `UsageError`: a short one can be guessed.
    """
    if not 16 <= len(key) <= blake2b.MAX_KEY_SIZE:
        raise UsageError(f"the author key has {len(key)} bytes; it must have 16 to 64")
    kind, name = ("id", author_id) if author_id and author_id.strip() else ("name", author or "")
    name = unicodedata.normalize("NFC", name.strip())
    if not name:
        return None
    digest = blake2b(key=key, digest_size=16, person=_DOMAIN)
    for part in (source, kind, name):
        data = part.encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.hexdigest()


def mask_address(region: str | None) -> str | None:
    """A region or address that a site shows, with the host part of any IP address masked.

    Sites that show full addresses (PTT does) would else put them beside a hash that is meant
    to hide the person. Kept are 24 bits of an IPv4 and 32 of an IPv6 address.
    """
    if not region:
        return None
    return _IPV6.sub(r"\1:*", _IPV4.sub(r"\1.*", region))


def pseudonymous_id(comment_id: str, author: str | None, hashed: str | None) -> str:
    """A comment's id with its author's name replaced by the first 12 digits of the name's hash.

    A site without ids of its own (PTT) makes one of time, name and count, a dot between: stored
    as it is, it would carry the name past `author_hash`. Other ids come back unchanged; digits
    are no name, since numbers are what true ids are made of.
    """
    if not author or not hashed or author.isdigit() or author not in comment_id:
        return comment_id
    parts = comment_id.split(".")
    return ".".join(hashed[:12] if part == author and len(parts) > 1 else part for part in parts)
