"""The words of times: months, weekdays, units, parts of the day, zones."""

__all__ = ["AFTERNOON", "MONTHS", "UNITS", "WEEKDAYS", "ZONE_HOURS", "ZONE_WORDS"]

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january",
            "feb february",
            "mar march",
            "apr april",
            "may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ),
        start=1,
    )
    for name in names.split()
}
WEEKDAYS = {
    **{char: number for number, char in enumerate("一二三四五六日")},
    "天": 6,
    "mon": 0,
    "tue": 1,
    "wed": 2,
    "thu": 3,
    "fri": 4,
    "sat": 5,
    "sun": 6,
}
UNITS = {
    "秒": "second",
    "分": "minute",
    "小": "hour",
    "钟": "hour",
    "鐘": "hour",
    "天": "day",
    "日": "day",
    "周": "week",
    "週": "week",
    "星": "week",
    "礼": "week",
    "禮": "week",
    "月": "month",
    "年": "year",
    "s": "second",
    "m": "minute",
    "h": "hour",
    "d": "day",
    "w": "week",
    "y": "year",
}
AFTERNOON = {
    "下午": "pm",
    "午后": "pm",
    "午後": "pm",
    "傍晚": "pm",
    "晚上": "night",
    "晚间": "night",
    "晚間": "night",
    "夜间": "night",
    "夜間": "night",
    "深夜": "night",
    "半夜": "night",
    "晚": "night",
    "中午": "noon",
    "p": "pm",
    "上午": "am",
    "凌晨": "am",
    "清晨": "am",
    "早上": "am",
    "早晨": "am",
    "早": "am",
    "a": "am",
}
# Hours east of UTC. CST means China on Chinese pages (Java's Date.toString writes it there).
ZONE_HOURS = {
    "z": 0.0,
    "utc": 0.0,
    "gmt": 0.0,
    "bst": 1.0,
    "cet": 1.0,
    "cest": 2.0,
    "cst": 8.0,
    "hkt": 8.0,
    "sgt": 8.0,
    "jst": 9.0,
    "kst": 9.0,
    "est": -5.0,
    "edt": -4.0,
    "cdt": -5.0,
    "mst": -7.0,
    "mdt": -6.0,
    "pst": -8.0,
    "pdt": -7.0,
}
# Words that name a zone: hours, or a tz database name where summer time matters.
ZONE_WORDS: dict[str, tuple[float, str]] = {
    "北京": (8.0, ""),
    "台北": (8.0, ""),
    "臺北": (8.0, ""),
    "香港": (8.0, ""),
    "新加坡": (8.0, ""),
    "东京": (9.0, ""),
    "東京": (9.0, ""),
    "格林": (0.0, ""),
    "世界": (0.0, ""),
    "美东": (-5.0, "America/New_York"),
    "美東": (-5.0, "America/New_York"),
    "美西": (-8.0, "America/Los_Angeles"),
    "et": (-5.0, "America/New_York"),
    "pt": (-8.0, "America/Los_Angeles"),
}
