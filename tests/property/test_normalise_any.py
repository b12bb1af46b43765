from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from archive.model import (
    Article,
    Capture,
    Comment,
    DeletionKind,
    Kind,
    Moment,
    PageClass,
    PageData,
    Problem,
    State,
)
from archive.schema import conform
from pipelines.identity import content_sha256
from pipelines.normalise import Context, normalise

CAPTURE = Capture("https://a.example/", b"", datetime(2026, 5, 1, tzinfo=UTC), fetch_id="R-1")
CONTEXT = Context("s", "R", bytes(32), parser="P@1")
# Lone surrogates included: JSON escapes carry them.
TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
NUMBER = st.none() | st.integers()
ZONES = st.sampled_from([UTC, None, timezone(timedelta(hours=14)), timezone(-timedelta(hours=12))])
MOMENT = st.none() | st.builds(Moment, st.none() | st.datetimes(timezones=ZONES), TEXT)
SHARED = {
    "text": TEXT,
    "author_id": st.none() | TEXT,
    "published": MOMENT,
    "ip_region": st.none() | TEXT,
    "votes_up": NUMBER,
    "reply_count": NUMBER,
    "state": st.sampled_from(State),
    "deletion_kind": st.none() | st.sampled_from(DeletionKind),
    "provenance": st.dictionaries(TEXT, TEXT, max_size=2),
}
IDS = st.sampled_from(["", "1", "2", "3", "\ud800"])
COMMENTS = st.builds(
    Comment, IDS, IDS, author=st.none() | TEXT, floor=NUMBER, parent_id=st.none() | IDS, **SHARED
)
ARTICLES = st.builds(
    Article,
    IDS,
    title=TEXT,
    kind=st.sampled_from(Kind),
    authors=st.lists(TEXT, max_size=2).map(tuple),
    modified=MOMENT,
    images=st.lists(TEXT, max_size=2).map(tuple),
    **SHARED,
)
PAGES = st.builds(
    PageData,
    st.sampled_from(PageClass),
    articles=st.lists(ARTICLES, max_size=2).map(tuple),
    comments=st.lists(COMMENTS, max_size=6).map(tuple),
    problems=st.lists(st.builds(Problem, TEXT, TEXT, TEXT), max_size=2).map(tuple),
)


@settings(max_examples=300, deadline=None)
@given(PAGES)
def test_any_page_becomes_rows_that_fit_the_schema(data):
    records = normalise(data, CAPTURE, CONTEXT)
    for name in (
        "articles",
        "comments",
        "article_observations",
        "comment_observations",
        "quarantine",
    ):
        rows = getattr(records, name)
        assert conform(name, rows).num_rows == len(rows)


@settings(max_examples=200, deadline=None)
@given(PAGES)
def test_nothing_vanishes_without_a_word(data):
    records = normalise(data, CAPTURE, CONTEXT)
    ids = {(c.thread_id, c.comment_id) for c in data.comments if c.thread_id and c.comment_id}
    assert len(records.comments) == len(records.comment_observations) == len(ids)
    nameless = sum(not (c.thread_id and c.comment_id) for c in data.comments)
    said = [row for row in records.quarantine if row["reason"].startswith("comment without")]
    assert len(said) >= nameless


@given(st.lists(st.none() | TEXT, max_size=4), st.lists(st.none() | TEXT, max_size=4))
def test_content_hash_tells_sequences_apart(one, two):
    import unicodedata

    def folded(parts):
        return [p if p is None else unicodedata.normalize("NFC", p) for p in parts]

    assert (content_sha256(one) == content_sha256(two)) == (folded(one) == folded(two))
