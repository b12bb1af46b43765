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
        (
            "https://www.bbc.com/zhongwen/articles/c0abcdefgh1o/trad?at_medium=RSS&at_campaign=rss",
            "https://www.bbc.com/zhongwen/articles/c0abcdefgh1o/trad",
        ),
        (
            "https://news.rthk.hk/rthk/ch/component/k2/1-20260115.htm?spTabChangeable=0",
            "https://news.rthk.hk/rthk/ch/component/k2/1-20260115.htm",
        ),
        ("http://[broken/x?utm_source=1", "http://[broken/x?utm_source=1"),
        ("javascript:void(0)", "javascript:void(0)"),
    ],
)
def test_one_address_for_one_page(url, expected):
    assert canonical(url) == expected


HEX = "0123456789abcdef0123456789ABCDEF"


@pytest.mark.parametrize(
    "url",
    [
        f"https://bbs.example/viewtopic.php?t=5&sid={HEX}",
        f"https://bbs.example/viewtopic.php?s={HEX}&t=5",
        "https://bbs.example/viewtopic.php?t=5&utm_medium=x&mtm_kwd=y&pk_campaign=z",
        "https://bbs.example/viewtopic.php?t=5&_=1767225600000",
        "https://bbs.example/viewtopic.php?t=5&formhash=0a1b2c3d&spm=a2c4e.113.0.0&wfr=spider",
    ],
)
def test_what_is_surely_no_content_goes(url):
    assert canonical(url) == "https://bbs.example/viewtopic.php?t=5"


@pytest.mark.parametrize(
    "query",
    [
        "sid=8841",  # a station, a story, a section
        "sid=abc123",
        "s=search+words",  # WordPress
        "ref=main",  # a branch
        "from=2026-01-01",
        "cmp=acme",  # a company
        "timestamp=20240101000000",  # an archive's snapshot
        "timestamp=1767225600",
        "_t=5",
        "session=2026-fall",
        "sessionid=12",
        "scm=git",
        "spm=1",
        "wfr=north",
        "source=rthk",
        "chdtv=1",
        "ftag=7",
        "share_id=77",
        "share_price=2330",
        "pk_id=9",
        "ga_id=3",
        "app=news",
        "f=4",
        "mod=viewthread",
    ],
)
def test_what_names_content_somewhere_stays(query):
    url = f"https://a.example/x?{query}"
    assert canonical(url) == url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://bbs.a.example/forum.php?mod=viewthread&tid=5&sid=Ab3dE9&from=album", "5"),
        ("https://bbs.a.example/viewthread.php?tid=5&extra=x&highlight=y", "5"),
    ],
)
def test_an_engine_s_own_parameters_go_on_its_own_paths(url, expected):
    assert canonical(url).endswith(f"tid={expected}")


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://www.163.com/dy/article/ABCDEFGH01234567.html?f=post1603", ""),
        ("https://news.sina.com.cn/c/2026-01-01/doc-iabc1.shtml?cre=tianyi&r=0", ""),
        ("https://www.toutiao.com/article/7000000000000000000/?wid=1&source=m_redirect", ""),
        ("https://feed.mix.sina.com.cn/api/roll/get?mod=w&r=1", "mod=w&r=1"),
        ("https://dy.163.com/v2/article/list.do?f=1&pageNo=2", "f=1&pageNo=2"),
        ("https://www.chinatimes.com/x/20260101000001-260402.html?chdtv", ""),
    ],
)
def test_a_paper_s_own_parameters_go_from_its_articles_only(url, kept):
    assert canonical(url).partition("?")[2] == kept


@given(st.text(max_size=60) | st.from_regex(r"https?://[a-z.]{1,9}(:\d{1,6})?/\S{0,30}"))
def test_anything_has_a_canonical_form_and_it_is_final(url):
    once = canonical(url)
    assert canonical(once) == once
