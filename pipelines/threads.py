"""Threads: root and depth of comments, from what each says it answers.

A page shows a part of a thread: a parent may stand further down, on a page read before, or
nowhere (deleted, folded, not fetched). Pure, iterative (floor chains of thousands occur), and
independent of the order of the comments.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archive.model import Comment

__all__ = ["Place", "resolve"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a comment stands in its thread.

    `depth` is None where a parent in between was never seen; `root_id` is then that parent.
    `broken`: what the page says is impossible (a cycle, or a comment that answers itself); the
    comment is placed as an answer to the article.
    """

    root_id: str
    depth: int | None
    broken: bool = False


def resolve(
    comments: Sequence[Comment], known: Mapping[str, tuple[str, int | None]]
) -> dict[str, Place]:
    """The place of each comment of one thread; `known` maps ids of earlier pages to root, depth.

    What this page says of a comment goes before what is known of it.
    """
    parents = {c.comment_id: c.parent_id or None for c in comments}
    broken = _cuts(parents)
    parents.update(dict.fromkeys(broken))
    places: dict[str, Place] = {}
    for start in parents:
        chain: list[str] = []
        at: str | None = start
        while at is not None and at in parents and at not in places:
            chain.append(at)
            at = parents[at]
        for comment_id in reversed(chain):
            parent = parents[comment_id]
            if parent is None:
                places[comment_id] = Place(comment_id, 0, comment_id in broken)
            else:
                places[comment_id] = _below(parent, places, known)
    return places


def _below(
    parent: str, places: Mapping[str, Place], known: Mapping[str, tuple[str, int | None]]
) -> Place:
    if parent in places:
        root_id, depth = places[parent].root_id, places[parent].depth
    else:
        root_id, depth = known.get(parent, (parent, None))
    return Place(root_id, None if depth is None else depth + 1)


def _cuts(parents: Mapping[str, str | None]) -> frozenset[str]:
    """One comment of each cycle: the least id, so that the page's order does not matter."""
    walks: dict[str, str] = {}  # comment -> the walk that met it first
    cuts = set()
    for start in parents:
        at: str | None = start
        while at is not None and at in parents and at not in walks:
            walks[at] = start
            at = parents[at]
        if at is None or walks.get(at) != start:
            continue
        cycle, after = [at], parents[at]
        while after is not None and after != at:
            cycle.append(after)
            after = parents[after]
        cuts.add(min(cycle))
    return frozenset(cuts)
