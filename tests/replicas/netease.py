"""The NetEase replica: section lists, articles of channels and of 网易号, the comment API.

The API answers JSONP in the shape that crawlers of it describe: chains as comma-joined ids, long
chains folded, hot comments that repeat, an empty list past the end. All hosts of the real site
share one origin here. Limits: no photo sets, no videos, no mobile pages.
"""

# ruff: noqa: E501 - the markup stands as the site writes it

import json
import re
from typing import ClassVar
from urllib.parse import quote

from tests.replicas.netease_world import PER_LIST, SECTIONS, Piece, Tie, world
from tests.replicas.replica import Answer, Replica, Request, esc, not_found

__all__ = ["PRODUCT", "Netease"]

PRODUCT = "a2869674571f77b5a0867c3d71db5856"
_API = re.compile(rf"/api/v1/products/{PRODUCT}/threads/(\w{{16}})(?:/comments/(newList|hotList))?")
_LIST = re.compile(r"/special/(\w+?)_list(?:_(\d\d))?/")
_DATA = re.compile(r"/special/cm_(\w+?)(?:_(\d\d))?/")
_SCRIPT = "application/javascript; charset=utf-8"
_HEAD = """<!DOCTYPE HTML>
<html id="ne_wrap">
<head>
    <title>{title}_网易{channel}</title>
    <meta charset="utf-8">
    <meta name="keywords" content="{words}">
    <meta name="description" content="{title}">
    <meta name="author" content="网易">
    <meta name="Copyright" content="网易版权所有">
    <meta property="og:type" content="news">
    <meta property="og:title" content="{title}">
    <meta property="og:url" content="{url}">
    <meta property="article:author" content="网易">
    <meta property="article:published_time" content="{published}">
    <link rel="canonical" href="{url}">
    <script>window.ntesAnalysis = {{"pid": "{docid}"}};</script>
    <style>.post_body p {{ margin: 12px 0; }}</style>
</head>
<body>
<div class="ntes_nav_wrap" id="js_N_NTES_wrap"><div class="ntes-nav" id="js_N_nav">
<a class="ntes-nav-index-title" href="{base}/" title="网易首页">网易首页</a>
<ul class="ntes-nav-select-list clearfix"><li><a href="{base}/special/tech_list/"><span>科技</span></a></li></ul>
</div></div>
"""
_COMMENTS = """<div class="tie-areas post_comment" id="post_comment_area"><div id="tie"></div></div>
<script>
var config = {{"productKey": "{product}", "docId": "{docid}", "target": document.getElementById("tie")}};
</script>
"""


class Netease(Replica):
    """The pieces of `netease_world` at one epoch."""

    name: ClassVar[str] = "netease"
    robots: ClassVar[str] = "User-agent: *\nDisallow: /search/\nDisallow: /keywords/\n"

    def __init__(self, base: str, epoch: int) -> None:
        super().__init__(base, epoch)
        self.world = world(epoch)
        self.by_path = {piece.path: piece for piece in self.world.pieces}
        self.by_id = {piece.docid: piece for piece in self.world.pieces}

    def route(self, request: Request) -> Answer:
        """Articles, lists, the two comment lists and the thread's figures."""
        path = request.path
        if piece := self.by_path.get(path):
            return Answer(self.article(piece).encode(), validators=True)
        if path == "/":
            return Answer(self.home().encode())
        if (found := _LIST.fullmatch(path)) and found[1] in SECTIONS:
            return Answer(self.section(found[1], int(found[2] or 1)).encode())
        if (found := _DATA.fullmatch(path)) and found[1] in SECTIONS:
            return self.data(found[1], int(found[2] or 1))
        if found := _API.fullmatch(path):
            return _jsonp(self.api(found[1], found[2], request.query), request)
        return not_found("<html><head><title>404_网易</title></head><body>页面不存在</body></html>")

    def newest(self, section: str, page: int) -> list[Piece]:
        """The pieces of one list page."""
        found = [piece for piece in self.world.pieces if piece.section == section][::-1]
        return found[(page - 1) * PER_LIST : page * PER_LIST]

    def home(self) -> str:
        """Links to the sections."""
        rows = "".join(
            f'<li><a href="{self.base}/special/{key}_list/">{name}</a></li>'
            for key, name in SECTIONS.items()
        )
        head = "<!DOCTYPE HTML><html><head><meta charset='utf-8'><title>网易</title></head>"
        return f"{head}<body><ul>{rows}</ul></body></html>"

    def section(self, section: str, page: int) -> str:
        """One page of a section's rolling list."""
        name = SECTIONS[section]
        rows = "".join(
            f"""<li><div class="titleBar clearfix"><h3><a href="{self.base}{piece.path}">{esc(piece.title)}</a></h3>
<span class="time">{piece.at:%m/%d/%Y %H:%M:%S}</span><a class="tie" href="{self.base}{piece.path}#post_comment_area">{len(piece.shown)}</a></div></li>
"""
            for piece in self.newest(section, page)
        )
        count = -(-sum(piece.section == section for piece in self.world.pieces) // PER_LIST)
        pages = "".join(
            f'<a href="{self.base}/special/{section}_list{f"_{n:02d}" if n > 1 else ""}/">{n}</a>'
            for n in range(1, count + 1)
        )
        return f"""<!DOCTYPE HTML>
<html><head><meta charset="utf-8"><title>{name}_滚动新闻_网易</title></head>
<body><div class="area"><ul class="newsList" id="news-flow-content">
{rows}</ul>
<div class="bar-pages">{pages}</div></div></body></html>
"""

    def data(self, section: str, page: int) -> Answer:
        """The same list as JSONP, which the live page's scripts ask for."""
        rows = [
            {
                "title": piece.title,
                "docurl": f"{self.base}{piece.path}",
                "commenturl": f"{self.base}{piece.path}#post_comment_area",
                "tienum": len(piece.shown),
                "time": f"{piece.at:%m/%d/%Y %H:%M:%S}",
                "channelname": section,
                "newstype": "article",
            }
            for piece in self.newest(section, page)
        ]
        body = f"data_callback({json.dumps(rows, ensure_ascii=False)})"
        return Answer(body.encode(), content_type=_SCRIPT)

    def article(self, piece: Piece) -> str:
        """An article page of its kind."""
        url = f"{self.base}{piece.path}"
        page = _HEAD.format(
            title=esc(piece.title),
            channel="订阅" if piece.section == "dy" else "新闻",
            words="芯片,算力",
            url=url,
            published=piece.at.isoformat(),
            docid=piece.docid,
            base=self.base,
        )
        page += self.dy(piece) if piece.section == "dy" else self.channel(piece)
        page += _COMMENTS.format(product=PRODUCT, docid=piece.docid)
        return f'{page}<div class="ne_bottom">网易公司版权所有</div>\n</body>\n</html>\n'

    def dy(self, piece: Piece) -> str:
        """网易号: information line, `post_body`, a disclaimer in two languages behind it."""
        statement = "".join(f"<p>{esc(row)}</p>\n" for row in piece.statement)
        return f"""<div class="wrapper clearfix" id="contain"><div class="post_main">
<div class="post_crumb"><a href="{self.base}/">网易首页</a> &gt; <a href="{self.base}/special/dy_list/">网易号</a> &gt; 正文</div>
<h1 class="post_title">{esc(piece.title)}</h1>
<div class="post_info">
    {piece.at:%Y-%m-%d %H:%M:%S}　来源: <a href="{self.base}/dy/media/T1472.html">{piece.medium}</a>
    &nbsp;<a href="{self.base}/special/tipoff.html" target="_blank" class="post_jubao">举报</a>
</div>
<div class="post_content" id="content" data-cover="">
<div class="post_top"><a class="post_top_tie_count js-tielink js-tiejoincount" href="#post_comment_area">{len(piece.shown)}</a>
<span class="post_top_share_title">分享至</span><p>用微信扫码二维码</p></div>
<div class="post_body">
{_body(piece)}{self.related(piece)}</div>
<div class="post_statement"><span class="bg"></span>
{statement}</div>
</div></div></div>
"""

    def channel(self, piece: Piece) -> str:
        """A news channel: source line, `#endText`, source and editor inside it."""
        return f"""<div class="post_content post_area clearfix" id="epContentLeft">
<div class="post_crumb"><a href="{self.base}/">网易首页</a> &gt; <a href="{self.base}/special/{piece.section}_list/">{SECTIONS[piece.section]}</a> &gt; 正文</div>
<h1>{esc(piece.title)}</h1>
<div class="post_time_source">
    {piece.at:%Y-%m-%d %H:%M:%S}　来源: <a id="ne_article_source" href="#" target="_blank">{piece.medium}</a>
    <a href="{self.base}/special/jubao.html" target="_blank" class="post_jubao">举报</a>
</div>
<div class="post_body">
<div class="post_tie_top"><a class="post_cnum_tie js-tielink js-tiejoincount" href="#post_comment_area">{len(piece.shown)}</a></div>
<div class="post_topshare_wrap"><span class="post_topshare_title">分享到：</span></div>
<div class="post_text" id="endText" style="border-top:1px solid #ddd;">
<p class="otitle">（原标题：{esc(piece.title)}）</p>
{_body(piece)}{self.related(piece)}<p></p>
<div class="ep-source cDGray">
<span class="left"><a href="{self.base}/"><img src="https://static.ws.126.net/cnews/css13/img/end_news.png" alt="{piece.editor}" width="13" height="12" class="icon"></a> 本文来源：{piece.medium}  </span>
<span class="ep-editor">责任编辑：{piece.editor}</span>
</div>
</div>
</div></div>
"""

    def related(self, piece: Piece) -> str:
        """Links to other articles, inside the body."""
        if not piece.related:
            return ""
        rows = "".join(
            f'<li class="related_article_item"><a href="{self.base}{other.path}?f=relatedArticle">{esc(other.title)}</a></li>'
            for other in piece.related
        )
        return f"""<div class="related_article related_special"><div class="related_article_wrap">
<div class="related_article_title">相关推荐</div><ul class="related_article_list">{rows}</ul></div></div>
"""

    def api(self, docid: str, kind: str | None, query: dict[str, str]) -> dict[str, object]:
        """The comment API: the thread's figures, or one page of its new or hot comments."""
        piece = self.by_id.get(docid)
        if piece is None:
            return {"code": "40113", "message": "thread not found"}
        shown = piece.shown
        if kind is None:
            votes = sum(tie.up for tie in shown)
            return {"docId": docid, "tcount": len(shown), "rcount": len(shown), "cmtVote": votes}
        limit, offset = _number(query, "limit", 30), _number(query, "offset", 0)
        most = 30 if kind == "newList" else 40
        if not 1 <= limit <= most or offset < 0:
            return {"code": "42212", "message": f"limit must be between 1 and {most}"}
        if kind == "hotList":
            shown = sorted((t for t in shown if t.up >= 60), key=lambda t: (-t.up, t.cid))
        else:
            shown = shown[::-1]
        folds = (
            _number(query, "showLevelThreshold", 72),
            _number(query, "headLimit", 1),
            _number(query, "tailLimit", 2),
        )
        entries = shown[offset : offset + limit]
        comments = {
            str(tie.cid): _comment(piece, tie)
            for entry in entries
            for tie in _folded(entry.chain, *folds)
        }
        chains = [",".join(str(tie.cid) for tie in entry.chain) for entry in entries]
        return {"commentIds": chains, "comments": comments, f"{kind}Size": len(shown)}


def _number(query: dict[str, str], name: str, default: int) -> int:
    text = query.get(name, "")
    return int(text) if text.isdigit() else (default if not text else -1)


def _folded(chain: list[Tie], threshold: int, head: int, tail: int) -> list[Tie]:
    """The floors whose comments come with the answer: a long chain keeps its two ends."""
    return chain if len(chain) <= threshold else [*chain[:head], *chain[len(chain) - tail :]]


def _comment(piece: Piece, tie: Tie) -> dict[str, object]:
    user: dict[str, object] = {"userId": tie.uid, "location": tie.place, "avatar": ""}
    if tie.name and not tie.deleted:
        user |= {"nickname": tie.name, "vipInfo": ""}
    return {
        "commentId": tie.cid,
        "postId": f"{piece.docid}_{tie.cid}",
        "productKey": PRODUCT,
        "content": "" if tie.deleted else esc(tie.text).replace("&quot;", '"'),
        "createTime": f"{tie.at:%Y-%m-%d %H:%M:%S}",
        "vote": tie.up,
        "against": tie.down,
        "user": {"userId": 0} if tie.deleted else user,
        "ip": tie.ip,
        "buildLevel": len(tie.chain),
        "anonymous": tie.name is None,
        "isDel": tie.deleted,
        "favCount": 0,
        "shareCount": 0,
        "source": "ph" if tie.cid % 3 else "wb",
        "unionState": False,
    }


def _jsonp(value: dict[str, object], request: Request) -> Answer:
    text = json.dumps(value, ensure_ascii=False)
    name = re.sub(r"\W", "", request.query.get("callback", ""))
    body = f"{name}(\n{text});" if name else text
    return Answer(
        body.encode(), content_type=_SCRIPT if name else "application/json; charset=utf-8"
    )


def _body(piece: Piece) -> str:
    rows, images = [], iter(piece.images)
    for number, text in enumerate(piece.paragraphs):
        if text is None:
            url = quote(next(images), safe="")
            source = f"https://nimg.ws.126.net/?url={url}&amp;thumbnail=660x2147483647&amp;quality=80&amp;type=jpg"
            rows.append(f'<p class="f_center"><img src="{source}"><br></p>\n')
            rows.extend(["<p>![]()</p>\n"] * piece.literal)
        else:
            rows.append(f'<p id="{piece.docid[:6]}{number:02d}">{esc(text)}</p>\n')
    rows.extend(f"<p>{esc(text)}</p>\n" for text in piece.tail)
    return "".join(rows)
