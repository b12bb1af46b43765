"""A big archive and what it costs: `python tests/bench/big_archive.py ROWS FOLDER`.

Makes an archive of so many comments (half as many sightings, a hundredth of articles, commits of
100,000 rows), then compacts it, checks it and asks five standard queries, each in a process of its
own whose peak memory is that which the kernel counted. Prints a Markdown table.
"""

import os
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

QUERIES = {
    "query: one thread": "SELECT * FROM comments WHERE thread_id = 'Board/M.300.00007'",
    "query: LIKE over a month": (
        "SELECT count(*) FROM comment_history WHERE search_key LIKE '%升腾%'"
    ),
    "query: comments a day": (
        "SELECT observed_at::DATE, count(*) FROM comment_history GROUP BY 1 ORDER BY 1"
    ),
    "query: most active authors": (
        "SELECT author_hash, count(*) FROM comment_history GROUP BY 1 ORDER BY 2 DESC LIMIT 20"
    ),
    "query: newest versions by votes": (
        "SELECT comment_id, votes_up FROM comments ORDER BY votes_up DESC NULLS LAST, 1 LIMIT 20"
    ),
}
_BATCH = 100_000


def make(folder, count):
    from corpus import articles, comments, commit_table, sightings

    from archive.log import Log
    from archive.root import Root

    log = Log(Root.open(folder, create=True))
    for start in range(0, count, _BATCH):
        size = min(_BATCH, count - start)
        commit_table(log, "comments", comments(start, size), f"c{start:09d}")
        commit_table(log, "comment_observations", sightings(start, size // 2), f"s{start:09d}")
        commit_table(log, "articles", articles(start // 100, size // 100), f"a{start:09d}")


def compact_it(folder):
    from archive.compact import compact
    from archive.root import Root

    compact(Root.open(folder), keep=-1)


def check_it(folder):
    from archive.check import check
    from archive.root import Root

    assert check(Root.open(folder)).ok


def ask(folder, sql):
    from archive.query import connect
    from archive.root import Root

    with connect(Root.open(folder)) as connection:
        connection.execute(sql).fetchall()


def measured(work, *given):
    """Seconds, processor seconds and peak memory (MB) of work in a process of its own."""
    began = time.monotonic()
    pid = os.fork()
    if not pid:
        code = 1
        try:
            work(*given)
            code = 0
        finally:
            os._exit(code)
    _, status, used = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"{work.__name__} failed")
    return time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main(count, folder):
    """Print the table; the numbers of the steps by name are given back."""
    steps = {"make": (make, folder, count)}
    steps |= {"compact": (compact_it, folder), "check": (check_it, folder)}
    steps |= {name: (ask, folder, sql) for name, sql in QUERIES.items()}
    found = {}
    sys.stdout.write(f"{count:,} comments\n| Step | s | CPU s | Peak MB |\n|---|---|---|---|\n")
    for name, (work, *given) in steps.items():
        found[name] = measured(work, *given)
        shown = " | ".join(f"{value:,.1f}" for value in found[name])
        sys.stdout.write(f"| {name} | {shown} |\n")
        sys.stdout.flush()
    return found


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
