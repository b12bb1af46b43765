"""Saved pages of a forum, all invented, and an archive made of them."""

import json

from crawlers.replay import import_files

PAGE = (
    '<html><head><meta property="og:title" content="[閒聊] {title}"></head>'
    "<body><a>批踢踢實業坊</a>"
    '<div id="main-content">{text}\n\n--\n<span class="f2">※ 發信站: 批踢踢實業坊(ptt.cc), 來自: '
    "192.0.2.1\n</span>{pushes}</div></body></html>"
)
PUSH = (
    '<div class="push"><span class="push-tag">推 </span><span class="push-userid">{who}</span>'
    '<span class="push-content">: {what}</span>'
    '<span class="push-ipdatetime"> 01/02 03:0{minute}\n</span></div>'
)
URL = "https://www.ptt.cc/bbs/Test/M.17672940{n:02d}.A.ABC.html"
ROWS = (
    (1, 3, ("好文", "推一個"), {}),
    (1, 4, ("好文", "推一個", "晚來的"), {}),
    (1, 5, ("好文", "推一個", "晚來的"), {"text": "內文改了"}),
    (2, 3, ("別的串",), {}),
    (3, None, ("沒有時間",), {}),
)


def page(pushes, text="內文一行", title="題"):
    made = [PUSH.format(who=f"user{i}", what=what, minute=i) for i, what in enumerate(pushes)]
    return PAGE.format(title=title, text=text, pushes="".join(made))


def build(folder, rows=ROWS, name="manifest"):
    """An archive of pages, each (thread, day of January or None, pushes, what else differs)."""
    lines = []
    for number, (thread, day, pushes, more) in enumerate(rows):
        file = f"{name}-{number}.html"
        (folder / file).write_text(page(pushes, **more), encoding="utf-8")
        row = {"id": f"{name}-{number}", "url": URL.format(n=thread), "path": file}
        when = {"fetched_at": f"2026-01-{day:02d}T00:00:00+00:00"} if day else {}
        lines.append(json.dumps(row | {"content_type": "text/html; charset=utf-8"} | when))
    manifest = folder / f"{name}.jsonl"
    manifest.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert import_files(manifest, folder / "archive").finished
    return folder / "archive"
