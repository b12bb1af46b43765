import pytest

from archive.errors import UsageError
from pipelines.privacy import author_hash, mask_address, pseudonymous_id

KEY = bytes(range(32))


def test_hash_is_32_hex_digits_and_stable():
    one = author_hash(KEY, "ptt", "mei", None)
    assert one == author_hash(KEY, "ptt", "mei")
    assert len(one) == 32
    assert int(one, 16) >= 0


def test_nobody_has_no_hash():
    assert author_hash(KEY, "ptt", None, None) is None
    assert author_hash(KEY, "ptt", " ", "") is None


def test_id_goes_before_name():
    one = author_hash(KEY, "netease", "舊名", "u1")
    assert one == author_hash(KEY, "netease", "新名", "u1")
    assert one != author_hash(KEY, "netease", "舊名", None)


def test_blank_id_falls_back_to_the_name():
    assert author_hash(KEY, "ptt", "mei", "  ") == author_hash(KEY, "ptt", "mei", None)


def test_key_source_and_kind_each_matter():
    hashes = {
        author_hash(KEY, "ptt", "mei"),
        author_hash(KEY[::-1], "ptt", "mei"),
        author_hash(KEY, "netease", "mei"),
        author_hash(KEY, "ptt", None, "mei"),
        author_hash(KEY, "pttm", "ei"),
    }
    assert len(hashes) == 5


@pytest.mark.parametrize("key", [b"", b"short", bytes(65)])
def test_weak_or_oversized_key_is_refused(key):
    with pytest.raises(UsageError, match="16 to 64"):
        author_hash(key, "ptt", "mei")


@pytest.mark.parametrize(
    ("shown", "kept"),
    [
        ("廣東", "廣東"),
        ("203.0.113.77", "203.0.113.*"),
        ("台灣 203.0.113.77 (上網)", "台灣 203.0.113.* (上網)"),
        ("203.0.113.*", "203.0.113.*"),
        ("2001:db8:1::7", "2001:db8:*"),
        ("v1.2.3.4.5", "v1.2.3.4.5"),
        ("", None),
        (None, None),
    ],
)
def test_addresses_lose_their_host_part(shown, kept):
    assert mask_address(shown) == kept


@pytest.mark.parametrize(
    ("comment_id", "author", "expected"),
    [
        ("05010830.mei.1", "mei", "05010830.0123456789ab.1"),
        ("mei", "mei", "mei"),
        ("05010830.meimei.1", "mei", "05010830.meimei.1"),
        ("12.34", "12", "12.34"),
        ("12.34", None, "12.34"),
    ],
)
def test_ids_that_carry_a_name_lose_it(comment_id, author, expected):
    assert pseudonymous_id(comment_id, author, "0123456789abcdef") == expected
