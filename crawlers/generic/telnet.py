"""Posts of boards that were made for terminals (水木, 未名空间), shown as they were sent.

A post is plain lines: 发信人, 标题 and 发信站 with the time, the text, what it quotes (after
【 在 甲 的大作中提到 】, in lines that begin with a colon), two dashes, a signature, its origin.
"""

import re

from crawlers.generic.records import Record
from crawlers.generic.survey import Survey

__all__ = ["sent_lines"]

_STATION = re.compile(r"^(?:发信站|發信站)\s?[:：]")
_QUOTED = re.compile(r"^(?:【\s?在\s.{1,40}的大作中提到|[:：>]\s|※\s)")
_HEAD = 12  # lines of a record within which its head stands


def sent_lines(seen: Survey, record: Record) -> list[int] | None:
    """The numbers of the lines of a post's own text, None where a record is no such post."""
    numbers = list(record.lines())
    start = next((n for n in numbers[: 2 * _HEAD] if _STATION.match(seen.lines[n].text)), None)
    if start is None:
        return None
    kept = []
    for number in numbers:
        text = seen.lines[number].text
        if number > start and text == "--":
            break
        if number > start and not _QUOTED.match(text):
            kept.append(number)
    return kept
