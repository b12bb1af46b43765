"""Parts of a Discuz! page: pager, relative date, message with quote, jammer and lazy images."""

# ruff: noqa: E501 - the markup stands as the engine writes it

from datetime import datetime
from hashlib import sha256

from tests.replicas.discuz_world import Floor, Thread
from tests.replicas.replica import esc

__all__ = ["label", "message", "pager", "rating", "relative"]

_NAMES = {1: "楼主", 2: "沙发", 3: "板凳", 4: "地板"}
_JAM = "一丁七万丈三上下不与丑专且世丘业丛东丝丢两严丧个中丰串临丸丹主举乃久么义之乌乍乎乏乐"


def label(number: int) -> str:
    """What a floor is called: 楼主, 沙发, ... then its number."""
    return _NAMES.get(number) or f"<em>{number}</em><sup>#</sup>"


def pager(stem: str, page: int, count: int) -> str:
    if count == 1:
        return ""
    cells = [
        f"<strong>{n}</strong>" if n == page else f'<a href="{stem}&amp;page={n}">{n}</a>'
        for n in range(1, count + 1)
    ]
    if page > 1:
        cells.insert(0, f'<a href="{stem}&amp;page={page - 1}" class="prev">&nbsp;&nbsp;</a>')
    ends = f'<label><input type="text" name="custompage" class="px" size="2" value="{page}" /><span title="共 {count} 页"> / {count} 页</span></label>'
    more = f'<a href="{stem}&amp;page={page + 1}" class="nxt">下一页</a>' if page < count else ""
    return f'<div class="pg">{"".join(cells)}{ends}{more}</div>'


def relative(at: datetime, clock: datetime, shape: str) -> str:
    """A date as the engine shows it: inside a week in words, the absolute one in the title."""
    days = (clock.date() - at.date()).days
    seconds = int((clock - at).total_seconds())
    absolute = at.strftime(shape)
    if days > 6 or seconds < 0:
        return absolute
    if days == 0:
        hours, minutes = seconds // 3600, seconds // 60
        words = f"{hours}&nbsp;小时前" if hours else f"{minutes}&nbsp;分钟前"
        words = "半小时前" if 1800 <= seconds < 3600 else words
    elif days < 3:
        words = f"{('昨天', '前天')[days - 1]}&nbsp;{at:%H:%M}"
    else:
        words = f"{days}&nbsp;天前"
    return f'<span title="{absolute}">{words}</span>'


def _jam(floor: Floor, line: int) -> str:
    """Text against copying, at the end of a line; no two alike."""
    if not floor.jammer:
        return ""
    code = sha256(f"{floor.pid} {line}".encode()).digest()
    noise = "".join(_JAM[byte % len(_JAM)] for byte in code[:5]) + code.hex()[:4]
    if line % 2:
        return f'<span style="display:none">{noise}</span>'
    return f'<font class="jammer">{noise}</font>'


def message(thread: Thread, floor: Floor) -> str:
    if floor.state == "locked":
        return '<div class="locked">提示: <em>作者被禁止或删除 内容自动屏蔽</em></div>'
    parts = []
    if floor.edited:
        when = floor.edited.strftime("%Y-%-m-%-d %H:%M")
        parts.append(
            f'<i class="pstatus"> 本帖最后由 {floor.author} 于 {when} 编辑 </i><br />\n<br />\n'
        )
    if floor.parent:
        other = floor.parent
        jump = f"forum.php?mod=redirect&amp;goto=findpost&amp;pid={other.pid}&amp;ptid={thread.tid}"
        when = other.at.strftime("%Y-%-m-%-d %H:%M")
        parts.append(
            f'<div class="quote"><blockquote><font size="2"><a href="{jump}" target="_blank"><font color="#999999">{other.author} 发表于 {when}</font></a></font><br />\n{esc(other.text[0] if other.text else "")}</blockquote></div><br />\n'
        )
    rows = [*floor.text[:-1], floor.text[-1] + floor.rare]
    parts += [f"{esc(row)}{_jam(floor, number)}<br />\n" for number, row in enumerate(rows)]
    parts += [
        f'<img id="aimg_{floor.pid}{n}" aid="{floor.pid}{n}" src="static/image/common/none.gif" zoomfile="{path}" file="{path}" class="zoom" width="600" inpost="1" /><br />\n'
        for n, path in enumerate(floor.images)
    ]
    if floor.hides:
        parts.append(
            '<div class="locked">游客，如果您要查看本帖隐藏内容请<a href="forum.php?mod=post&amp;action=reply">回复</a></div>'
        )
    return f"""<div class="t_fsz"><table cellspacing="0" cellpadding="0"><tr><td class="t_f" id="postmessage_{floor.pid}">
{"".join(parts)}</td></tr></table>
</div>"""


def rating(floor: Floor) -> str:
    if not floor.rated:
        return ""
    return f'<dl id="ratelog_{floor.pid}" class="rate"><dd><table class="ratl"><tr><td><a href="home.php?mod=space&amp;uid=7">评分员</a></td><td class="xg1">很给力!</td></tr></table></dd></dl>\n'
