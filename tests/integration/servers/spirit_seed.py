"""Fills a Spirit forum: `manage.py shell < spirit_seed.py`; the truth goes to truth.json."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.contrib.auth import get_user_model
from spirit.category.models import Category
from spirit.comment.models import Comment
from spirit.topic.models import Topic

users = []
for n in range(9):
    user = get_user_model().objects.create_user(f"visitor{n}", f"v{n}@example.org", "pw")
    user.st.nickname = f"旅客{n}"
    user.st.save()
    users.append(user)
board = Category.objects.create(title="港口調度", description="船班")
start = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
truth = []
for t, count in enumerate((3, 18, 25, 47, 2, 1, 60, 12)):
    at = start + timedelta(days=t)
    title = f"調度系統第{t}題：昇騰伺服器跑得動嗎"
    last = at + timedelta(minutes=7 * count)
    topic = Topic.objects.create(
        user=users[t], category=board, title=title, date=at, last_active=last, comment_count=count
    )
    for c in range(count):
        text = f"第{t}題第{c + 1}樓：后台的工具链还要改，昇騰跑了三個月，干得不错。"
        author = users[(t + c) % 9]
        post = Comment.objects.create(
            user=author, topic=topic, comment=text, comment_html=f"<p>{text}</p>"
        )
        Comment.objects.filter(pk=post.pk).update(date=at + timedelta(minutes=7 * c))
        truth.append([title, text, author.st.nickname])
Path("truth.json").write_text(json.dumps(truth))
