from hypothesis import given
from hypothesis import strategies as st

from archive.model import Comment
from pipelines.threads import resolve

IDS = st.sampled_from("abcdefgh")
PAGES = st.dictionaries(IDS, st.none() | IDS | st.sampled_from("xyz"), max_size=8)
KNOWN = st.dictionaries(
    st.sampled_from("xy"), st.tuples(st.just("r"), st.none() | st.integers(0, 5)), max_size=2
)


def _comments(page):
    return [Comment("t", comment_id, parent_id=parent) for comment_id, parent in page.items()]


@given(PAGES, KNOWN)
def test_every_comment_gets_a_place_and_each_edge_adds_one(page, known):
    places = resolve(_comments(page), known)
    assert places.keys() == page.keys()
    for comment_id, place in places.items():
        parent = page[comment_id]
        if parent is None or place.broken:
            assert (place.root_id, place.depth) == (comment_id, 0)
        elif parent in places:
            above = places[parent]
            assert place.root_id == above.root_id
            assert place.depth == (None if above.depth is None else above.depth + 1)
        elif parent in known:
            root_id, depth = known[parent]
            assert place.root_id == root_id
            assert place.depth == (None if depth is None else depth + 1)
        else:
            assert (place.root_id, place.depth) == (parent, None)


@given(PAGES, KNOWN, st.randoms(use_true_random=False))
def test_order_on_the_page_does_not_matter(page, known, rng):
    comments = _comments(page)
    shuffled = comments[:]
    rng.shuffle(shuffled)
    assert resolve(comments, known) == resolve(shuffled, known)


@given(PAGES)
def test_only_members_of_a_cycle_are_broken(page):
    places = resolve(_comments(page), {})
    for comment_id, place in places.items():
        at, seen = page[comment_id], 0
        while at in page and at != comment_id and seen < 9:
            at, seen = page[at], seen + 1
        assert place.broken <= (at == comment_id)
