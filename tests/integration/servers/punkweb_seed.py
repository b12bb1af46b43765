"""Fills a forum of PunkwebBB: `manage.py shell < punkweb_seed.py`; the truth goes to truth.json."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.contrib.auth import get_user_model
from punkweb_bb.models import BoardProfile, Category, Post, Subcategory, Thread

users = [
    get_user_model().objects.create_user(f"visitor{n}", f"v{n}@example.org", "pw") for n in range(7)
]
for user in users:
    BoardProfile.objects.get_or_create(user=user)
board = Subcategory.objects.create(
    category=Category.objects.create(name="港口", slug="port"), name="船班", slug="ferry"
)
truth = []
for t in range(27):
    at = datetime(2026, 1, 5, 1, tzinfo=UTC) + timedelta(days=t)
    title, text = f"港口調度第{t}題：昇騰伺服器跑得動嗎", f"開題第{t}號：后台的工具鏈還要改。"
    thread = Thread.objects.create(subcategory=board, user=users[t % 7], title=title, content=text)
    for c in range((0, 3, 12, 37, 1, 2, 7, 30)[t % 8]):
        author, written = users[(t + c) % 7], at + timedelta(minutes=7 * c + 3)
        said = f"第{t}題第{c + 1}樓：這個我不同意，昇騰改得不錯，干得漂亮。"
        post = Post.objects.create(thread=thread, user=author, content=said)
        Post.objects.filter(pk=post.pk).update(created_at=written)
        truth.append([title, str(post.pk), said, author.username, written.isoformat()[:16]])
    Thread.objects.filter(pk=thread.pk).update(created_at=at)
Path("truth.json").write_text(json.dumps(truth))
