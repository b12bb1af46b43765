"""The page-object layer: what a view is, how a page object is chosen and read, what goes wrong."""

from datetime import UTC, date, datetime

import pytest

from archive.errors import DecodeError
from archive.model import Article, Capture, Comment, Kind, Link, Moment, PageClass, PageData
from crawlers import page as reading
from crawlers.page import UNKNOWN_TIME, Page, Story, View, read_page

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
PROSE = "雨下了一整天，巷口的麵店還開著，老闆說湯是早上熬的。" * 20


def view(body, *, url="https://x.example/a/1", kind="text/html; charset=utf-8", at=NOW, **meta):
    raw = body if isinstance(body, bytes) else body.encode()
    return View(Capture(url, raw, at, headers=(("Content-Type", kind),)), meta)


def generic(monkeypatch, comments=(), **facts):
    """Let the generic reader find this article and these comments."""
    found = PageData(PageClass.ARTICLE, articles=(Article("g", **facts),), comments=comments)
    monkeypatch.setattr("crawlers.generic.page.read_generic", lambda *_: found)


def html(body, head=""):
    return f"<html><head><title>t</title>{head}</head><body>{body}</body></html>"


class Note(Page):
    page_class = PageClass.ARTICLE
    url_pattern = r"/a/\d+"
    marks = ("note-mark",)
    rules = "title: css:h1 | meta:og:title; published: css:time@datetime | css:.when"

    def data(self):
        found = self.article("1", kind=Kind.POST, text="text")
        return PageData(PageClass.ARTICLE, articles=(found,))


class Broken(Page):
    page_class = PageClass.ARTICLE
    url_pattern = r"/a/"

    def data(self):
        raise KeyError("gone")


class Empty(Page):
    page_class = PageClass.LIST
    url_pattern = r"/a/"


class News(Story):
    url_pattern = r"/a/(\d+)"
    rules = "article_id: url:/a/(\\d+); title: css:h1; published: css:.when"
    body = ("#body",)
    drop = ".ad"
    noise = "本文完"


def test_a_page_object_knows_its_pages_by_url_or_by_marks():
    assert Note.matches(view(html("")))
    assert not Note.matches(view(html(""), url="https://x.example/b/1"))
    assert Note.matches(view(html("<p class=note-mark>"), url=""))


def test_dates_bound_a_layout():
    class Old(Note):
        until = date(2025, 12, 31)

    class New(Note):
        since = date(2026, 1, 1)

    assert New.matches(view(html("")))
    assert not Old.matches(view(html("")))
    assert Old.matches(view(html(""), at=UNKNOWN_TIME))


def test_the_first_rule_that_finds_something_wins_and_is_named():
    made = Note(view(html("<h1> </h1>", '<meta property="og:title" content="T">')))
    assert made.article("1").title == "T"
    assert made.provenance == {"title": "meta:og:title"}


def test_times_that_hang_on_an_unknown_fetch_time_stay_unread():
    body = html('<p class="when">3小时前</p>')
    assert Note(view(body)).moment("published", "css:.when").at == datetime(
        2026, 1, 15, 9, tzinfo=UTC
    )
    unread = Note(view(body, at=UNKNOWN_TIME)).moment("published", "css:.when")
    assert unread == Moment(None, "3小时前")


def test_a_time_without_a_year_follows_what_it_answers():
    made = Note(view(html(""), at=UNKNOWN_TIME))
    found = made.time("01/01 00:05", after=datetime(2025, 12, 31, 15, 55, tzinfo=UTC))
    assert found.at == datetime(2025, 12, 31, 16, 5, tzinfo=UTC)


def test_one_odd_item_does_not_cost_the_others():
    made = Note(view(html("")))

    def read(item):
        if item == "odd":
            raise ValueError(item)
        return Comment("t", item, "x")

    kept = made.records(["a", "odd", "b", "a"], read)
    assert [found.comment_id for found in kept] == ["a", "b"]
    assert made.problems[0].where == "comment 2"
    assert "odd" in made.problems[0].excerpt


def test_images_are_lazy_wrapped_or_placeholders():
    wrapped = "https://n.example/?url=http%3A%2F%2Fi.example%2Fa.jpg&w=6"
    body = (
        f'<div id="b"><img src="{wrapped}"><img src="none.gif" file="f.jpg">'
        '<img src="data:image/gif;base64,R0" data-src="/d.png"><p class="ad"><img src="ad.jpg"></p>'
        '<img src="static/image/smiley/a.gif"></div>'
    )
    made = Note(view(html(body)))
    assert made.images(made.view.selector.css("#b")[0], ".ad") == (
        "http://i.example/a.jpg",
        "https://x.example/a/f.jpg",
        "https://x.example/d.png",
    )


def test_a_failing_page_object_is_a_problem_not_an_exception():
    found = read_page(view(html(f"<p>{PROSE}</p>")), [Broken], generic=False)
    assert found.parser == "test_page.Broken@1"
    assert found.data.page_class is PageClass.OTHER
    assert found.data.problems[0].excerpt == "KeyError: 'gone'"


def test_a_page_that_gives_nothing_says_which_part_is_missing():
    found = read_page(view(html(f"<p>{PROSE}</p>")), [Empty], generic=False)
    assert [problem.where for problem in found.data.problems] == ["field:links"]
    found = read_page(view(html(f"<p>{PROSE}</p>")), [News], generic=False)
    assert [problem.where for problem in found.data.problems] == [
        "field:title",
        "field:text",
        "field:published",
    ]


def test_undecodable_bytes_are_a_problem(monkeypatch):
    def refuse(body, content_type):
        raise DecodeError("no text in any charset")

    monkeypatch.setattr("pipelines.charset.decode", refuse)
    broken = view("abc")
    assert broken.facts() is None
    found = read_page(broken, [Note])
    assert (found.data.page_class, found.data.reason) == (PageClass.OTHER, "undecodable")
    assert found.data.problems[0].excerpt == "DecodeError: no text in any charset"


def test_a_page_without_a_page_object_goes_to_the_generic_reader(monkeypatch):
    generic(monkeypatch, title="G")
    unknown = view(html(f"<p>{PROSE}</p>"), url="https://y.example/")
    found = read_page(unknown, [Note])
    assert (found.parser, found.data.articles[0].title) == ("generic", "G")
    found = read_page(unknown, [Note], generic=False)
    assert (found.parser, found.data.page_class) == ("none", PageClass.OTHER)


def test_the_generic_reader_fills_what_a_story_misses(monkeypatch):
    at = Moment(NOW, "now")
    generic(monkeypatch, title="G", text="generic text", published=at)
    body = html(f'<h1>標題</h1><div id="body"><p>{PROSE}</p></div>')
    article = read_page(view(body), [News]).data.articles[0]
    assert article.title == "標題"
    assert article.text == PROSE
    assert article.published == at
    assert article.provenance["published"] == "generic"


def test_times_that_the_generic_reader_counted_from_nowhere_are_taken_back(monkeypatch):
    relative = Moment(NOW, "昨天", method="relative")
    remark = Comment("t", "c", published=relative)
    generic(monkeypatch, title="G", published=relative, comments=(remark,))
    saved = view(html(f"<p>{PROSE}</p>"), url="https://y.example/", at=UNKNOWN_TIME)
    data = read_page(saved, ()).data
    assert data.articles[0].published.at is None
    assert data.comments[0].published.at is None


def test_a_generic_reader_that_fails_is_a_problem(monkeypatch):
    def fail(capture, text):
        raise RuntimeError("no")

    monkeypatch.setattr("crawlers.generic.page.read_generic", fail)
    found = read_page(view(html(f"<p>{PROSE}</p>")), ())
    assert found.data.problems[0].reason == "generic failed"


def test_a_paywalled_page_is_read_and_says_so():
    body = html(
        f'<h1>標題</h1><p class="when">2026-01-15 08:00</p><div id="body"><p>{PROSE}</p></div>'
        '<div class="paywall">訂閱後即可繼續閱讀</div>'
    )
    found = read_page(view(body), [News], generic=False)
    assert found.data.page_class is PageClass.PAYWALL
    assert found.data.articles[0].text == PROSE


def test_gates_are_asked_before_the_classifier():
    class Said(Page):
        gate = True
        marks = ("messagetext",)

        def data(self):
            return PageData(PageClass.LOGIN, "site's own words")

    found = read_page(view(html("<p id=messagetext>請先登入</p>")), [Note, Said])
    assert found.data.reason == "site's own words"


def test_a_story_leaves_out_adverts_noise_and_footers_and_keeps_their_facts():
    body = html(
        '<h1>標題</h1><p class="when">2026-01-15 08:00</p><div id="body"><p>第一段。</p>'
        '<p class="ad">買一送一</p><p>第二段。</p><p>本文完</p><p>作者：王小明</p></div>'
    )
    article = read_page(view(body), [News], generic=False).data.articles[0]
    assert article.text == "第一段。\n第二段。"
    assert article.authors == ("王小明",)
    assert article.provenance["authors"] == "byline"
    assert article.published.at == datetime(2026, 1, 15, tzinfo=UTC)


def test_links_travel_with_their_meta():
    made = view(html(""), walk=0)
    assert made.meta["walk"] == 0
    with pytest.raises(TypeError):
        made.meta["walk"] = 1
    assert Link("https://x.example/", PageClass.LIST).meta == {}


def test_everything_that_sites_import_is_offered():
    assert all(hasattr(reading, name) for name in reading.__all__)
