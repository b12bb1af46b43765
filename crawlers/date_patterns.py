"""The shapes in which pages write a time, as compiled patterns and tables of words.

Kept apart from the reading of them (`crawlers.dates`) so that a new shape is one line here.
All patterns run on folded text (`fold`), which is as long as the text that it came from.
Numbers of repeats are bounded, so a search is linear in the text.
"""

import re

__all__ = [
    "CLOCK",
    "CLOCK_BEFORE",
    "DATES",
    "GAP",
    "NAMED_ZONE",
    "NUMERAL",
    "YEAR_AFTER",
    "ZONE",
    "fold",
]

_FOLD = str.maketrans(
    "０１２３４５６７８９：／－．，　（）［］〔〕－–—‑\u00a0\u202f\u2009\t\r\n",
    "0123456789:/-., ()[]()----      ",
)

_DAY = r"(?:星期|周|週|礼拜|禮拜)[一二三四五六日天]"
_EN_MONTH = (
    r"(?P<mon>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_HALF = (
    r"上午|下午|凌晨|清晨|早上|早晨|早|中午|午后|午後|傍晚|晚上|晚间|晚間|晚|夜间|夜間|深夜|半夜"
    r"|[ap]\.?m\.?(?![a-z])"
)
_CLOCK = (
    rf"(?:(?P<half>{_HALF})\s{{0,2}})?(?<!\d)(?P<h>\d{{1,2}})(?:"
    r"\s?:\s?(?P<mi>\d{2})(?:\s?:\s?(?P<s>\d{1,2})(?:[.,](?P<f>\d{1,9}))?)?"
    r"|\s?[时時点點](?:钟|鐘)?\s?(?:(?P<mi2>\d{1,2})\s?分?(?:\s?(?P<s2>\d{1,2})\s?秒)?"
    r"|(?P<thirty>半))?)?(?!\d)"
    r"(?:\s{0,2}(?P<ap>[ap]\.?m\.?(?![a-z])|[上下]午(?![\u4e00-\u9fff])))?"
)
CLOCK = re.compile(_CLOCK, re.IGNORECASE)
_NO_GROUPS = re.sub(r"\?P<\w+>", "?:", _CLOCK)
CLOCK_BEFORE = re.compile(
    rf"(?<![\d.])(?<!\d:)(?P<clock>{_NO_GROUPS})[\s,|·•\-]{{0,4}}(?:on\s)?$", re.IGNORECASE
)
GAP = re.compile(
    rf"(?:\([一二三四五六日]\)|[\s,;|·•\-()\[\]t@]|(?:at|um|on)\b|{_DAY}|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{{0,6}}\b"
    r"|(?:北京|台北|臺北|香港)(?:时间|時間)|(?:hkt|sgt|utc|gmt)\b){0,8}",
    re.IGNORECASE,
)
ZONE = re.compile(
    r"\s{0,2}[(\[]?(?:(?P<word>utc|gmt)?\s?(?P<sign>[+-])(?P<zh>\d{2}):?(?P<zm>\d{2})(?!\d)"
    r"|(?:utc|gmt)\s?(?P<sign1>[+-])(?P<zh1>\d{1,2})(?!\d)|(?P<sign2>\+)(?P<zh2>\d{2})(?!\d)"
    r"|(?P<name>z|utc|gmt|bst|cest|cet|cst|hkt|sgt|jst|kst|est|edt|cdt|mst|mdt|pst|pdt|et|pt)"
    r"(?![a-z0-9]))",
    re.IGNORECASE,
)
YEAR_AFTER = re.compile(r"\s{1,2}(?P<year>(?:19|20)\d{2})(?!\d)")
NAMED_ZONE = re.compile(
    r"(北京|台北|臺北|香港|新加坡|东京|東京|格林|世界|美东|美東|美西)\S{0,4}?[时時][间間]"
)
NUMERAL = re.compile(
    r"[〇零○一二两兩三四五六七八九十廿半]{1,5}"
    r"(?=\s?(?:年|月|日|号|號|[时時点點]|分|秒|個|个|小|天|周|週|星期|礼拜|禮拜))"
)

_UNIT = r"(?:秒|分|小[时時]|[个個]?(?:钟头|鐘頭)|天|日|周|週|星期|礼拜|禮拜|月|年)"
_WHOLE = r"(?:分|小[时時]|[个個]?(?:钟头|鐘頭)|天|周|週|星期)"
_EN_UNIT = r"(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?)"


def _compile(*shapes: tuple[str, str]) -> tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...]:
    return tuple(
        (name, re.compile(_NEEDLES[name]), re.compile(shape, re.IGNORECASE))
        for name, shape in shapes
    )


# What a text must hold for a shape to be worth trying: one quick search saves a slow one.
_MON = r"[JjFfMmAaSsOoNnDd][AaEePpUuCcOo][NnBbRrYyLlGgPpTtVvCc]"  # looks like a month
_NEEDLES = {
    "ymd": r"(?:19|20)\d\d",
    "mdy_zh": r"月.{1,6},",
    "roc": r"民",
    "mdy_en": rf"{_MON}[A-Za-z]{{0,6}}\.?\s{{0,2}}\d",
    "dmy_en": rf"\d[A-Za-z]{{0,2}}[\s-].{{0,3}}{_MON}",
    "asctime": rf"{_MON}\s{{1,2}}\d",
    "compact": r"(?:19|20)\d{6}",
    "any4": r"[-/.](?:19|20)\d\d",
    "roc3": r"\d{2}[-/.年]\d",
    "yy": r"\d{2}[-/.年]\d",
    "ago_zh": r"前",
    "ago_en": r"ago|AGO",
    "now": r"[刚剛]|now|ago",
    "day_word": r"[今昨前]|oday|ester|ODAY|ESTER",
    "md_zh": r"\d\s{0,2}月",
    "weekday": r"[期周週拜禮]|day",
    "md_en": rf"{_MON}[A-Za-z]{{0,6}}\.?\s\d",
    "dm_en": rf"\d[A-Za-z]{{0,2}}\s{_MON}",
    "md": r"\d\s?[-/]\s?\d",
    "ym": r"(?:19|20)\d\d\s?[-/年]",
    "year": r"(?:19|20)\d\d\s?年",
    "clock": r"\d\s?(?:[:时時点點]|[aApP]\.?[mM])",
}


# In the order of how surely the shape is a time: a full date before a relative one, and that
# before a date without a year. Names are those of the readers in `crawlers.dates`.
DATES = _compile(
    (
        "ymd",
        (
            r"(?<![\d.])(?P<y>(?:19|20)\d{2})\s{0,2}(?:[年\-/.]|(?<=\s))\s{0,2}(?P<m>\d{1,2})\s{0,2}[月\-/.]"
            r"\s{0,2}(?P<d>\d{1,2})(?!\d)\s{0,2}[日号號]?"
        ),
    ),
    (
        "mdy_zh",
        r"(?<!\d)(?P<m>\d{1,2})\s?月\s?(?P<d>\d{1,2})日?,\s?(?P<y>(?:19|20)\d{2})(?!\d)",
    ),
    (
        "roc",
        (
            r"(?:民[国國])\s{0,2}(?P<y>\d{2,3}|元)\s{0,2}[年\-/.]\s{0,2}(?P<m>\d{1,2})\s{0,2}[月\-/.]"
            r"\s{0,2}(?P<d>\d{1,2})(?!\d)\s{0,2}日?"
        ),
    ),
    (
        "mdy_en",
        (
            rf"(?<![a-z]){_EN_MONTH}\s{{0,2}}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s{{0,2}}"
            r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},?\s)?"
            r"(?:'?(?P<y>(?:19|20)\d{2})|'(?P<yy>\d{2}))(?!\d)"
        ),
    ),
    (
        "dmy_en",
        rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s\-](?:of\s)?{_EN_MONTH},?[\s\-]{{1,2}}'?(?P<y>(?:19|20)\d{{2}})(?!\d)",
    ),
    (
        "asctime",
        rf"(?<![a-z]){_EN_MONTH}\s{{1,2}}(?P<d>\d{{1,2}})(?=\s\d{{1,2}}:\d{{2}}:\d{{2}}\s.{{0,12}}(?:19|20)\d{{2}}(?!\d))",
    ),
    (
        "compact",
        (
            r"(?<![\d.])(?P<y>(?:19|20)\d{2})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])"
            r"(?:t?(?P<ch>[01]\d|2[0-3])(?P<cm>[0-5]\d)(?P<cs>[0-5]\d)?)?(?!\d)"
        ),
    ),
    (
        "any4",
        r"(?<![\d.:/])(?P<a>\d{1,2})(?P<sep>[\-/.])(?P<b>\d{1,2})(?P=sep)(?P<y>(?:19|20)\d{2})(?!\d)",
    ),
    (
        "roc3",
        r"(?<![\d.:/])(?P<y>1[0-4]\d|[89]\d(?=年))(?P<sep>[\-/.年])(?P<m>\d{1,2})(?:(?P=sep)|月)(?P<d>\d{1,2})(?![\d.])日?",
    ),
    (
        "yy",
        r"(?<![\d.:/\-])'?(?P<a>\d{2})(?P<sep>[\-/.年])(?P<b>\d{1,2})(?:(?P=sep)|月)(?P<c>\d{1,2})(?![\d.])日?",
    ),
    (
        "ago_zh",
        (
            rf"(?:(?<![\d.])(?P<n2>\d{{1,3}})\s?(?P<u2>年|[个個]月|{_WHOLE})(?:钟|鐘)?\s?(?:[,、]\s?)?)?"
            rf"(?<![\d.])(?P<n>\d{{1,4}}|半)\s?(?:[个個]\s?)?(?P<half>半\s?)?(?P<u>{_UNIT})(?:钟|鐘)?\s?(?:之|以)?前(?![天日])"
        ),
    ),
    (
        "ago_en",
        (
            rf"(?<![\w.])(?P<n>\d{{1,4}}|an?|one)\s?(?P<u>{_EN_UNIT}|mo|[smhdwy])\b"
            rf"(?:,?\s(?:and\s)?(?P<n2>\d{{1,3}})\s(?P<u2>{_EN_UNIT}))?(?:,?\s(?:and\s)?\d{{1,3}}\s{_EN_UNIT})?\sago\b"
        ),
    ),
    ("now", r"刚刚|剛剛|刚才|剛才|just now\b|a moment ago\b"),
    ("day_word", r"(?P<w>今天|今日|今早|今晚|昨天|昨日|昨晚|前天|(?<![a-z])(?:today|yesterday)\b)"),
    ("md_zh", r"(?<!\d)(?P<m>\d{1,2})\s{0,2}月\s{0,2}(?P<d>\d{1,2})\s{0,2}[日号號]"),
    (
        "weekday",
        rf"(?P<last>[上本这這]\s?)?(?P<w>{_DAY})|(?<![a-z])(?P<en>mon|tues|wednes|thurs|fri|satur|sun)day(?=\s(?:at\s)?\d|$|,?\s?\d)",
    ),
    ("md_en", rf"(?<![a-z]){_EN_MONTH}\s(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:,])"),
    ("dm_en", rf"(?<!\d)(?P<d>\d{{1,2}})\s{_EN_MONTH}(?!,?\s?\d{{4}})"),
    ("md", r"(?<![\d.:/\-])(?P<m>\d{1,2})\s?[\-/]\s?(?P<d>\d{1,2})(?![\d.:/\-])"),
    ("ym", r"(?<!\d)(?P<y>(?:19|20)\d{2})\s?(?:年\s?(?P<m>\d{1,2})\s?月|[\-/](?P<m2>\d{1,2})$)"),
    ("year", r"(?<!\d)(?P<y>(?:19|20)\d{2})\s?年$"),
    (
        "clock",
        rf"(?<![\d.:\-/])(?<!\d\s)(?={_NO_GROUPS})(?=(?:{_HALF})?\s{{0,2}}\d{{1,2}}\s?(?:[:时時点點]|[ap]\.?m))",
    ),
)


def fold(text: str) -> str:
    """Full-width digits, punctuation and odd spaces as ASCII, one for one."""
    return text.translate(_FOLD)
