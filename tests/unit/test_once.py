from archive.model import Article, Comment, PageClass, PageData, State
from pipelines.once import once


def _once(*items):
    problems = []
    articles = tuple(i for i in items if isinstance(i, Article))
    comments = tuple(i for i in items if isinstance(i, Comment))
    data = PageData(PageClass.THREAD, articles=articles, comments=comments)
    return *once(data, problems), problems


def test_same_comment_twice_is_kept_once_without_a_word():
    comment = Comment("t", "1", "同一句")
    _, comments, problems = _once(comment, Comment("t", "2", "別的"), Comment("t", "1", "同一句"))
    assert [c.comment_id for c in comments] == ["1", "2"]
    assert problems == []


def test_same_id_in_two_threads_is_two_comments():
    _, comments, problems = _once(Comment("t", "1", "甲"), Comment("u", "1", "乙"))
    assert len(comments) == 2
    assert problems == []


def test_fuller_sighting_stays_in_the_place_of_the_first():
    folded = Comment("t", "1", "這篇文章…", floor=1, state=State.COLLAPSED)
    full = Comment("t", "1", "這篇文章寫得很好", votes_up=3)
    _, comments, problems = _once(folded, Comment("t", "2", "別的"), full)
    assert comments[0] is full
    assert problems == []


def test_more_fields_win_between_equal_texts():
    bare, rich = Comment("t", "1", "甲"), Comment("t", "1", "甲", floor=2, votes_up=1)
    assert _once(bare, rich)[1] == (rich,)
    assert _once(rich, bare)[1] == (rich,)


def test_conflicting_texts_are_reported():
    _, comments, problems = _once(Comment("t", "1", "短句"), Comment("t", "1", "完全不同的話"))
    assert comments[0].text == "完全不同的話"
    assert [(p.where, p.excerpt) for p in problems] == [("comment 1", "短句")]


def test_placeholder_of_a_deleted_twin_is_no_conflict():
    gone = Comment("t", "1", "此評論已刪除", state=State.DELETED)
    seen = Comment("t", "1", "原來的話")
    _, comments, problems = _once(gone, seen)
    assert comments == (seen,)
    assert problems == []


def test_items_without_ids_are_reported():
    _, comments, problems = _once(Comment("t", "", "甲"), Comment("", "1", "乙"))
    assert comments == ()
    assert [(p.reason, p.excerpt) for p in problems] == [
        ("comment without id", "甲"),
        ("comment without thread id", "乙"),
    ]


def test_article_without_id_or_content_is_reported():
    articles, _, problems = _once(Article("", "標題"), Article("a", url="https://a.example/1"))
    assert articles == ()
    assert [p.where for p in problems] == ["article", "article a"]


def test_deleted_article_needs_no_content():
    gone = Article("a", state=State.DELETED)
    assert _once(gone)[0] == (gone,)


def test_conflicting_articles_are_reported():
    articles, _, problems = _once(Article("a", "甲", "一二三"), Article("a", "甲", "四五"))
    assert articles[0].text == "一二三"
    assert problems[0].where == "article a"
