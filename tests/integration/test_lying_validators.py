"""A server that sends one ETag for whatever its list holds is noticed, and asked plainly then."""

from tests.replicas.alone import alone
from tests.replicas.fault_threads import board, thread
from tests.replicas.replica import Answer, Replica, not_found

ALWAYS = (("ETag", '"always"'),)


class Lying(Replica):
    """Threads with honest validators; a list whose ETag never changes."""

    name, robots = "discuz", "User-agent: *\nDisallow:\n"
    threads = 3

    def answer(self, request):
        if request.path == "/robots.txt":
            return Answer(self.robots.encode(), content_type=self.robots_type)
        if request.path == "/forum-2-1.html":
            links = [f"/thread-{n}-1-1.html" for n in range(1, self.threads + 1)]
            return Answer(board("", links), headers=ALWAYS)
        if request.path.startswith("/thread-"):
            return Answer(thread(request.path), validators=True)
        return not_found("no such page")


def asked(listener, path):
    """Whether the requests for a path were conditional."""
    rows = [row for row in listener.log if str(row["path"]).startswith(path)]
    return ["if-none-match" in row["headers"] for row in rows]


def test_one_etag_for_lists_that_differ(operator):
    site = Lying("", 1)
    with alone(site) as listener:
        words = ["crawl", "discuz", "--url", f"{listener.base}/forum-2-1.html", "--delay", "0"]
        counts = []
        for threads in (3, 4, 5):
            site.threads = threads
            listener.log.clear()
            done = operator.shenglu(*words, "--json")
            assert done.returncode == 0, done.stderr
            counts.append('"validators.wrong": 1' in done.stdout)
            assert ("changed under the validator of before" in done.stderr) == (threads == 4)
        assert counts == [False, True, True]
        assert asked(listener, "/forum-") == [False]
        assert sum(asked(listener, "/thread-")) >= 3
