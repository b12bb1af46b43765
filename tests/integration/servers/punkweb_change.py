"""Edits the 11th post of a forum of PunkwebBB, deletes the 41st, and adds two to a thread."""

from punkweb_bb.models import Post, Thread

posts = list(Post.objects.order_by("created_at"))
posts[10].content += "（已改）"
posts[10].save()
posts[40].delete()
for n in range(2):
    thread = Thread.objects.order_by("created_at")[3]
    Post.objects.create(thread=thread, user=thread.user, content=f"新來的第{n}條：確實便宜。")
