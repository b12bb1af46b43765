import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.urls import canonical


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/x?b=2&a=1#top", "https://a.example/x?a=1&b=2"),
        ("https://a.example:443/x", "https://a.example/x"),
        ("https://a.example:8443/x", "https://a.example:8443/x"),
        ("https://A.Example/x?utm_source=q&id=3&spm=1.2", "https://a.example/x?id=3"),
        ("https://a.example/t;jsessionid=9F?tid=5&PHPSESSID=ab", "https://a.example/t?tid=5"),
        (
            "https://a.example/forum.php?mod=viewthread&tid=5&extra=page%3D1&page=2",
            "https://a.example/forum.php?mod=viewthread&page=2&tid=5",
        ),
        ("https://a.example/list?from=3", "https://a.example/list?from=3"),
        ("http://[broken/x?utm_source=1", "http://[broken/x?utm_source=1"),
        ("javascript:void(0)", "javascript:void(0)"),
    ],
)
def test_one_address_for_one_page(url, expected):
    assert canonical(url) == expected


@given(st.text(max_size=60) | st.from_regex(r"https?://[a-z.]{1,9}(:\d{1,6})?/\S{0,30}"))
def test_anything_has_a_canonical_form_and_it_is_final(url):
    once = canonical(url)
    assert canonical(once) == once
