"""The truth of the PTT replica, out of its world."""

from tests.replicas.ptt_world import BOARDS, Post, board_pages, push_ids, world
from tests.replicas.truth import Truth, TruthArticle, TruthComment, TruthThread, lines

__all__ = ["truth"]


def _article(post: Post) -> TruthArticle:
    own = [*post.body, *post.legacy]
    if post.mail:
        own.append(f"來信請寄 {post.mail} 謝謝")
    if post.inserted:
        own.append(post.inserted[1])
    return TruthArticle(
        article_id=f"{post.board}/{post.aid}",
        thread_id=f"{post.board}/{post.aid}",
        url=post.path,
        title=post.title,
        text=lines(own),
        script=post.script,
        section=post.board,
        author=post.author if post.meta else None,
        published_at=post.at.isoformat(),
        modified_at=post.edits[-1].isoformat() if post.edits else None,
        forbidden=tuple(x for x in (post.sign, *post.quoted) if x),
    )


def truth(epoch: int) -> Truth:
    """The truth of the boards at that epoch."""
    state = world(epoch)
    alive = [post for post in state.posts if not post.gone]
    comments = [
        TruthComment(
            thread_id=thread,
            comment_id=key,
            text=push.text.strip(),
            script=push.script,
            author=push.user,
            published_at=push.at.isoformat(),
            floor=floor,
            reaction=push.tag,
            ip_region=f"{push.ip.rpartition('.')[0]}.*" if push.ip else None,
            camp=push.camp,
        )
        for post in alive
        for floor, (push, (thread, key)) in enumerate(
            zip(post.pushes, push_ids(post), strict=True), 1
        )
    ]
    lists = [
        f"/bbs/{board}/index{number}.html"
        for board in BOARDS
        for number in ("", *range(1, len(board_pages(state, board)) + 1))
    ]
    return Truth(
        site="ptt",
        epoch=epoch,
        articles=tuple(_article(post) for post in alive),
        comments=tuple(comments),
        threads=tuple(TruthThread(f"{post.board}/{post.aid}", None) for post in alive),
        list_urls=tuple(lists),
        dead_urls=tuple(post.path for post in state.posts if post.gone),
        gone=tuple(state.gone),
    )
