"""The truth of the NetEase replica, out of its world."""

from tests.replicas.content import naive
from tests.replicas.netease_world import SECTIONS, Piece, Tie, list_paths, visible, world
from tests.replicas.truth import Truth, TruthArticle, TruthComment, TruthThread, lines

__all__ = ["truth"]


def _shown(piece: Piece, name: str | None) -> str | None:
    return naive(name) if name and piece.script == "naive" else name


def _article(piece: Piece) -> TruthArticle:
    related = tuple(other.title for other in piece.related)
    editor = (f"责任编辑：{piece.editor}", f"本文来源：{piece.medium}") if piece.editor else ()
    return TruthArticle(
        article_id=piece.docid,
        thread_id=piece.docid,
        url=piece.path,
        kind="news",
        title=piece.title,
        text=lines(p for p in piece.paragraphs if p),
        script=piece.script,
        section=SECTIONS[piece.section],
        author=_shown(piece, piece.writer) if piece.section == "dy" else None,
        published_at=piece.at.isoformat(),
        medium=piece.medium,
        editor=piece.editor.partition("_")[0] if piece.editor else None,
        reprint_source=_shown(piece, piece.reprint),
        images=tuple(piece.images),
        reply_count=len(piece.shown),
        footer=(*piece.tail, *piece.statement, *editor),
        forbidden=related,
        hans=piece.hans,
    )


def _comment(piece: Piece, tie: Tie) -> TruthComment:
    return TruthComment(
        thread_id=piece.docid,
        comment_id=str(tie.cid),
        text="" if tie.deleted else tie.text,
        script=tie.script,
        author=None if tie.deleted else tie.name,
        author_id=str(tie.uid) if tie.uid and not tie.deleted else None,
        published_at=tie.at.isoformat(),
        floor=len(tie.chain),
        parent_id=str(tie.parent.cid) if tie.parent else None,
        votes_up=tie.up,
        votes_down=tie.down,
        ip_region=tie.ip if tie.deleted else tie.place,
        state="deleted" if tie.deleted else "visible",
        deletion_kind="unknown" if tie.deleted else None,
        camp=tie.camp,
    )


def truth(epoch: int) -> Truth:
    """The truth of the articles and ties at that epoch."""
    state = world(epoch)
    return Truth(
        site="netease",
        epoch=epoch,
        articles=tuple(_article(piece) for piece in state.pieces),
        comments=tuple(_comment(p, tie) for p in state.pieces for tie in visible(p)),
        threads=tuple(
            TruthThread(p.docid, len(p.shown), pages=max(1, -(-len(p.shown) // 30)))
            for p in state.pieces
        ),
        list_urls=tuple(list_paths(state)),
        gone=tuple(state.gone),
    )
