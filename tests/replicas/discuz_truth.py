"""The truth of the Discuz! replica, out of its world."""

from tests.replicas.discuz_world import BOARDS, PER_LIST, Floor, Thread, World, world
from tests.replicas.truth import Truth, TruthArticle, TruthComment, TruthThread, lines

__all__ = ["list_paths", "truth"]


def list_paths(state: World) -> list[str]:
    """Paths of every board's list pages."""
    return [
        f"/forum.php?mod=forumdisplay&fid={fid}" + (f"&page={page}" if page > 1 else "")
        for fid in BOARDS
        for page in range(1, -(-len(state.board(fid)) // PER_LIST) + 1)
    ]


def _text(floor: Floor) -> str:
    return lines([*floor.text[:-1], floor.text[-1] + floor.rare]) if floor.text else ""


def _article(thread: Thread, base: str = "") -> TruthArticle:
    first = thread.floors[0]
    return TruthArticle(
        article_id=str(thread.tid),
        thread_id=str(thread.tid),
        url=thread.path,
        title=thread.title,
        text=_text(first),
        script=thread.kind,
        section=BOARDS[thread.fid],
        author=first.author,
        author_id=str(first.uid),
        published_at=first.at.isoformat(),
        modified_at=first.edited.replace(second=0).isoformat() if first.edited else None,
        images=tuple(f"{base}/{path}" for path in first.images),
        reply_count=len(thread.floors) - 1,
    )


def _comment(thread: Thread, floor: Floor) -> TruthComment:
    locked = floor.state == "locked"
    return TruthComment(
        thread_id=str(thread.tid),
        comment_id=str(floor.pid),
        text=_text(floor),
        script=floor.script,
        author=floor.author,
        author_id=str(floor.uid),
        published_at=floor.at.isoformat(),
        floor=floor.number,
        parent_id=str(floor.parent.pid) if floor.parent else None,
        state="locked" if locked else "visible",
        camp=floor.camp,
    )


def truth(epoch: int) -> Truth:
    """The truth of the threads that a guest can read at that epoch."""
    state = world(epoch)
    readable = [t for t in state.threads if t.access in {"open", "closed"}]
    return Truth(
        site="discuz",
        epoch=epoch,
        articles=tuple(_article(thread) for thread in readable),
        comments=tuple(_comment(t, floor) for t in readable for floor in t.floors[1:]),
        threads=tuple(TruthThread(str(t.tid), len(t.floors) - 1, pages=t.pages) for t in readable),
        list_urls=tuple(list_paths(state)),
        dead_urls=tuple(t.path for t in state.threads if t not in readable),
        gone=tuple(state.gone),
    )
