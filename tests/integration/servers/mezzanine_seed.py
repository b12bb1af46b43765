"""Fills a blog of Mezzanine: `manage.py shell < mezzanine_seed.py`; truth goes to truth.json."""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.contrib.auth import get_user_model
from mezzanine.blog.models import BlogPost
from mezzanine.generic.models import ThreadedComment

editor = get_user_model().objects.create_superuser("editor", "e@example.org", "pw")
dice = random.Random(4)  # noqa: S311 - test data
body = (
    "<p>這是第{}篇。昇騰卡在這台機器上跑了三個月，調度器改了兩次，工具鏈還要改。</p>"
    "<p>編譯器在處理動態形狀的時候會退回慢路徑，這一點官方文件沒有寫，大家踩了不少坑。</p>"
)
truth = []
for n in range(23):
    at = datetime(2026, 1, 5, 1, tzinfo=UTC) + timedelta(days=n)
    title = f"港口調度第{n}篇：昇騰集群升級記"
    post = BlogPost.objects.create(
        title=title, content=body.format(n), user=editor, publish_date=at, status=2
    )
    made = []
    for c in range((0, 3, 18, 45, 1, 2, 7, 30)[n % 8]):
        above = dice.choice(made) if made and c % 3 == 2 else None
        said = f"第{n}篇第{c + 1}樓：后台的工具鏈還要改，干得不錯。"
        comment = ThreadedComment(
            content_object=post,
            user_name=f"旅客{c % 5}",
            user_email="v@example.org",
            comment=said,
            replied_to=above,
            site_id=1,
            is_public=True,
        )
        comment.save()
        made.append(comment)
        parent = str(above.pk) if above else None
        truth.append([title, str(comment.pk), parent, said, comment.user_name])
Path("truth.json").write_text(json.dumps(truth))
