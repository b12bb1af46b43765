"""The Discuz! X3 replica: GBK without a charset in the header, lists, threads, notices.

Session parts (formhash, sid, view counts) differ from request to request; a page past the end
is the last page; jammer text, lazy images and relative dates are as the engine writes them.
Limits: guests only; no search, no archiver, no mobile API.
"""

# ruff: noqa: E501 - the markup stands as the site writes it

import re
from hashlib import sha256
from typing import ClassVar

from tests.replicas.discuz_parts import label, message, pager, rating, relative
from tests.replicas.discuz_world import BOARDS, PER_LIST, PER_PAGE, Floor, Thread, page_of, world
from tests.replicas.replica import Answer, Replica, Request, esc, redirect

__all__ = ["ROBOTS", "Discuz"]

ROBOTS = "User-agent: *\n" + "".join(
    f"Disallow: {path}\n"
    for path in (
        *("/api/", "/data/", "/source/", "/install/", "/template/", "/config/", "/uc_client/"),
        *("/uc_server/", "/static/", "/admin.php", "/search.php", "/member.php", "/api.php"),
        *("/misc.php", "/connect.php", "/forum.php?mod=redirect*", "/forum.php?mod=post*"),
        *("/home.php?mod=spacecp*", "/userapp.php?mod=app&*", "/*?mod=misc*"),
        *("/*?mod=attachment*", "/*mobile=yes*"),
    )
)
_HEAD = """<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml">
<head>
<meta http-equiv="Content-Type" content="text/html; charset=gbk" />
<title>{title} -  芯片夜话论坛 -  Powered by Discuz!</title>
{link}<meta name="keywords" content="{title}" />
<meta name="generator" content="Discuz! X3.4" />
<meta name="author" content="Discuz! Team and Comsenz UI Team" />
<base href="{base}/" /><link rel="stylesheet" type="text/css" href="data/cache/style_1_common.css?x1Q" />
<script type="text/javascript">var STYLEID = '1', STATICURL = 'static/', charset = 'gbk', discuz_uid = '0', formhash = '@@HASH@@';</script>
</head>
<body id="nv_forum" class="pg_{kind}">
<div id="hd"><div class="wp"><div class="hdc cl"><h2><a href="./" title="芯片夜话论坛">芯片夜话论坛</a></h2>
<form method="post" autocomplete="off" id="lsform" action="member.php?mod=logging&amp;action=login&amp;loginsubmit=yes"><label>用户名</label><input type="text" name="username" id="ls_username" class="px vm" /><label>密码</label><input type="password" name="password" class="px vm" /><button type="submit" class="pn vm"><em>登录</em></button></form>
</div></div></div>
<div id="wp" class="wp">
"""
_FOOT = """</div>
<div id="ft" class="wp cl"><p>Powered by <strong>Discuz!</strong> <em>X3.4</em></p>
<a href="member.php?mod=logging&amp;action=logout&amp;formhash=@@HASH@@">退出</a></div>
</body>
</html>
"""


class Discuz(Replica):
    """The boards of `discuz_world` at one epoch."""

    name: ClassVar[str] = "discuz"
    robots: ClassVar[str] = ROBOTS

    def __init__(self, base: str, epoch: int) -> None:
        super().__init__(base, epoch)
        self.world = world(epoch)
        self.threads = {str(thread.tid): thread for thread in self.world.threads}

    def gate(self, request: Request) -> Answer | None:
        """`mod=redirect` leads to the page of a post; rewritten addresses to the same pages."""
        query = request.query
        if request.path == "/forum.php" and query.get("mod") == "redirect":
            thread = self.threads.get(query.get("ptid") or query.get("tid", ""))
            if thread is None:
                return None
            pid = query.get("pid") or str(thread.last.pid)
            page = page_of(thread, int(pid) if pid.isdigit() else 0)
            return redirect(f"{self.base}{thread.path}&page={page}#pid{pid}")
        return None

    def vary(self, body: bytes, request: Request) -> bytes:
        """Form hash, session id and view count of this very request."""
        token = sha256(f"{self.epoch} {request.number}".encode()).hexdigest().encode()
        views = str(100 + request.number).encode()
        body = body.replace(b"@@HASH@@", token[:8]).replace(b"@@SID@@", token[8:14])
        return body.replace(b"@@VIEWS@@", views)

    def route(self, request: Request) -> Answer:
        """Lists, threads, and the engine's notice for all else."""
        query, path = dict(request.query), request.path
        if found := re.fullmatch(r"/thread-(\d+)-(\d+)-\d+\.html", path):
            path, query = "/forum.php", {"mod": "viewthread", "tid": found[1], "page": found[2]}
        if found := re.fullmatch(r"/forum-(\d+)-(\d+)\.html", path):
            path, query = "/forum.php", {"mod": "forumdisplay", "fid": found[1], "page": found[2]}
        page = int(query["page"]) if query.get("page", "").isdigit() else 1
        if path in {"/", "/forum.php", "/index.php"} and "mod" not in query:
            return self.done(self.home())
        if path == "/forum.php" and query.get("mod") == "forumdisplay":
            fid = int(query.get("fid", "0"))
            if fid in BOARDS:
                return self.done(self.board(fid, max(1, page)))
        if path == "/forum.php" and query.get("mod") == "viewthread":
            return self.viewthread(query.get("tid", ""), max(1, page))
        return self.done(self.notice("抱歉，您访问的页面不存在"), status=404)

    def done(self, page: str, *, status: int = 200, validators: bool = False) -> Answer:
        """GBK bytes; what GBK lacks stands as a numeric reference, as the engine stores it."""
        body = page.encode("gbk", "xmlcharrefreplace")
        return Answer(body, status, "text/html", validators=validators, varying=True)

    def head(self, title: str, kind: str, canonical: str = "") -> str:
        """Everything above the content."""
        link = f'<link href="{self.base}{esc(canonical)}" rel="canonical" />\n' if canonical else ""
        return _HEAD.format(title=esc(title), link=link, base=self.base, kind=kind)

    def home(self) -> str:
        """The list of boards."""
        rows = "".join(
            f'<tr><td><h2><a href="forum.php?mod=forumdisplay&amp;fid={fid}&amp;sid=@@SID@@">{name}</a></h2></td></tr>'
            for fid, name in BOARDS.items()
        )
        return f"{self.head('首页', 'index')}<table class='fl_tb'>{rows}</table>{_FOOT}"

    def notice(self, text: str) -> str:
        """The engine's message page."""
        return f"""{self.head("提示信息", "viewthread")}<div id="ct" class="wp cl w"><div class="nfl"><div class="f_c altw">
<div id="messagetext" class="alert_info"><p>{text}</p><script type="text/javascript">var x = 1;</script></div>
</div></div></div>
{_FOOT}"""

    def board(self, fid: int, page: int) -> str:
        """One page of a board's list."""
        threads = self.world.board(fid)
        count = max(1, -(-len(threads) // PER_LIST))
        page = min(page, count)
        stem = f"forum.php?mod=forumdisplay&amp;fid={fid}"
        bar = pager(stem, page, count)
        rows = "".join(self.row(t) for t in threads[(page - 1) * PER_LIST : page * PER_LIST])
        return f"""{self.head(BOARDS[fid], "forumdisplay")}<div id="pt" class="bm cl"><div class="z"><a href="./">论坛</a><em>&rsaquo;</em><a href="{stem}">{BOARDS[fid]}</a></div></div>
<div id="pgt" class="bm bw0 pgs cl"><span id="fd_page_top">{bar}</span></div>
<div id="threadlist" class="tl bm bmw"><div class="bm_c">
<form method="post" autocomplete="off" name="moderate" id="moderate" action="forum.php?mod=topicadmin&amp;action=moderate&amp;fid={fid}">
<input type="hidden" name="formhash" value="@@HASH@@" />
<table summary="forum_{fid}" cellspacing="0" cellpadding="0" id="threadlisttableid">
{rows}</table></form>
</div></div>
<span id="fd_page_bottom">{bar}</span>
{_FOOT}"""

    def row(self, thread: Thread) -> str:
        """One line of a list."""
        first, last = thread.floors[0], thread.last
        url = f"forum.php?mod=viewthread&amp;tid={thread.tid}&amp;extra=page%3D1&amp;sid=@@SID@@"
        kind = "stickthread" if thread.sticky else "normalthread"
        icon = "pin_1" if thread.sticky else ("folder_lock" if thread.access == "closed" else "new")
        more = "".join(f'<a href="{url}&amp;page={n}">{n}</a>' for n in range(2, thread.pages + 1))
        started = relative(first.at, self.world.clock, "%Y-%-m-%-d")
        return f"""<tbody id="{kind}_{thread.tid}">
<tr>
<td class="icn"><a href="{url}" target="_blank"><img src="static/image/common/{icon}.gif" /></a></td>
<th class="new">
 <em>[<a href="forum.php?mod=forumdisplay&amp;fid={thread.fid}&amp;filter=typeid&amp;typeid=1">讨论</a>]</em> <a href="{url}" onclick="atarget(this)" class="s xst">{esc(thread.title)}</a>
{f'<span class="tps">&nbsp;...{more}</span>' if more else ""}
</th>
<td class="by"><cite><a href="home.php?mod=space&amp;uid={first.uid}" c="1">{first.author}</a></cite>
<em><span>{started}</span></em></td>
<td class="num"><a href="{url}" class="xi2">{len(thread.floors) - 1}</a><em>@@VIEWS@@</em></td>
<td class="by"><cite><a href="home.php?mod=space&amp;uid={last.uid}" c="1">{last.author}</a></cite>
<em><a href="forum.php?mod=redirect&amp;tid={thread.tid}&amp;goto=lastpost#lastpost">{relative(last.at, self.world.clock, "%Y-%-m-%-d %H:%M")}</a></em></td>
</tr>
</tbody>
"""

    def viewthread(self, tid: str, page: int) -> Answer:
        """One page of a thread, or the notice that stands in its place."""
        thread = self.threads.get(tid)
        if thread is None or thread.access == "gone":
            return self.done(self.notice("抱歉，指定的主题不存在或已被删除或正在被审核"))
        if thread.access == "members":
            return self.done(self.notice("抱歉，您尚未登录，没有权限访问该版块的这个主题"))
        return self.done(self.thread(thread, min(page, thread.pages)), validators=True)

    def thread(self, thread: Thread, page: int) -> str:
        """The floors of one page."""
        stem = f"forum.php?mod=viewthread&amp;tid={thread.tid}&amp;extra=page%3D1&amp;sid=@@SID@@"
        floors = thread.floors[(page - 1) * PER_PAGE : page * PER_PAGE]
        bar = pager(stem, page, thread.pages)
        posts = "".join(self.post(thread, floor) for floor in floors)
        canonical = thread.path + (f"&page={page}" if page > 1 else "")
        board = f"forum.php?mod=forumdisplay&amp;fid={thread.fid}&amp;page=1"
        return f"""{self.head(f"{thread.title} - {BOARDS[thread.fid]}", "viewthread", canonical)}<div id="pt" class="bm cl"><div class="z"><a href="./">论坛</a><em>&rsaquo;</em><a href="{board}">{BOARDS[thread.fid]}</a><em>&rsaquo;</em><a href="{stem}">{esc(thread.title)}</a></div></div>
<div id="ct" class="wp cl"><div id="pgt" class="pgs mbm cl">{bar}</div>
<div id="postlist" class="pl bm">
<table cellspacing="0" cellpadding="0"><tr><td class="pls ptn pbn"><div class="hm ptn">
<span class="xg1">查看:</span> <span class="xi1">@@VIEWS@@</span><span class="pipe">|</span><span class="xg1">回复:</span> <span class="xi1">{len(thread.floors) - 1}</span>
</div></td><td class="plc ptm pbn vwthd"><h1 class="ts"><a href="{board}">[讨论]</a>
<span id="thread_subject">{esc(thread.title)}</span></h1><span class="xg1"><a href="{stem}">[复制链接]</a></span></td></tr></table>
{posts}<div id="postlistreply" class="pl"><div id="post_new" class="viewthread_table" style="display: none"></div></div>
</div>
<form method="post" autocomplete="off" name="modactions" id="modactions"><input type="hidden" name="formhash" value="@@HASH@@" /></form>
<div class="pgs mtm mbm cl">{bar}</div>
</div>
{_FOOT}"""

    def post(self, thread: Thread, floor: Floor) -> str:
        """One floor."""
        pid = floor.pid
        shown = floor.at.strftime("%Y-%-m-%-d %H:%M:%S")
        span = relative(floor.at, self.world.clock, "%Y-%-m-%-d %H:%M:%S")
        when = span if span.startswith("<span") else shown
        shown_number = label(floor.number)
        jump = f"forum.php?mod=redirect&amp;goto=findpost&amp;ptid={thread.tid}&amp;pid={pid}"
        return f"""<div id="post_{pid}"><table id="pid{pid}" class="plhin" summary="pid{pid}" cellspacing="0" cellpadding="0">
<tr>
<td class="pls" rowspan="2"><div id="favatar{pid}" class="pls favatar"><div class="pi"><div class="authi"><a href="home.php?mod=space&amp;uid={floor.uid}" target="_blank" class="xw1">{floor.author}</a>
</div></div>
<div class="p_pop blk bui card_gender_0" id="userinfo{pid}" style="display: none;"><strong><a href="home.php?mod=space&amp;uid={floor.uid}" class="xi2">{floor.author}</a></strong><em>当前离线</em></div>
<p><em><a href="home.php?mod=spacecp&amp;ac=usergroup&amp;gid=10">新手上路</a></em></p></div></td>
<td class="plc">
<div class="pi"><strong>
<a href="{jump}" id="postnum{pid}" onclick="setCopy(this.href, '帖子地址复制成功');return false;">
{shown_number}</a>
</strong>
<div class="pti"><div class="pdbt"></div><div class="authi"><img class="authicn vm" id="authicon{pid}" src="static/image/common/online_member.gif" />
<em id="authorposton{pid}">发表于 {when}</em>
<span class="pipe">|</span>
<a href="forum.php?mod=viewthread&amp;tid={thread.tid}&amp;page=1&amp;authorid={floor.uid}" rel="nofollow">只看该作者</a>
</div></div></div>
<div class="pct"><div class="pcb">
{message(thread, floor)}
<div id="comment_{pid}" class="cm">
</div>
{rating(floor)}<div id="post_rate_div_{pid}"></div>
</div></div>
</td></tr>
<tr><td class="plc plm"></td></tr>
<tr><td class="pls"></td><td class="plc"><div class="po hin"><div class="pob cl"><em><a class="fastre" href="forum.php?mod=post&amp;action=reply&amp;fid={thread.fid}&amp;tid={thread.tid}&amp;repquote={pid}&amp;page=1">回复</a></em>
<p><a href="javascript:;" onclick="showWindow('miscreport{pid}', 'misc.php?mod=report&amp;rid={pid}');return false;">举报</a></p></div></div></td></tr>
</table>
</div>"""
