"""Traces of naive conversion: characters that no writer of Traditional puts there.

A machine that maps character by character writes 以后 for 以後 and 頭發 for 頭髮. A trace is
a place where a word of the lexicon, not a mere tendency, demands another character than the one
that such a machine would leave. Genuine Traditional has practically none.
"""

import re

from pipelines.lattice import choose, open_places, pad
from pipelines.reading import Reading

__all__ = ["traces"]

# Where several forms are possible; and where a writer of Traditional rarely writes this one.
_SPOTS, _LEFT = re.compile("[Astp]"), re.compile("N")
# Pairs that Taiwan and Hong Kong themselves write either way are no trace of a machine.
_EITHER = (
    "台臺 游遊 周週 占佔 布佈 回迴 念唸 注註 欲慾 志誌 杯盃 扣釦 升昇 升陞 岳嶽 凶兇 "
    "姜薑 托託 伙夥 蘇甦 蘇囌 唇脣 佛彿 仿彷 借藉 鑑鑒 贊讚 豔艷 飢饑 跡蹟 跡迹 煉鍊 "
    "熏燻 雇僱 證証 洩泄 嘗嚐 歎嘆 讎仇 酸痠 板闆 核覈 吊弔 它牠 哄鬨 蒙矇 蒙濛 了瞭 "
    "症癥 復覆 幸倖 杆桿 拐枴 挨捱 糊餬 暗闇 弦絃 克剋 梁樑 諮咨 盪蕩 彌瀰 秋鞦 千韆 "
    "局侷 抵牴 背揹 席蓆 彩綵 具俱 噪譟 溪谿 仇讎 涌湧 恤卹 巨鉅 種种 捆綑 扎紮 雕鵰 "
    "劃划 范範 家傢 果菓 向嚮 致緻 泛氾 尸屍 沈瀋 淒悽 愈癒 夫伕 出齣 煙菸 咽嚥 折摺 "
    "鏈鍊 罵駡 床牀 群羣 峰峯 秘祕 "
)
_NO_TRACE = frozenset(pair for two in _EITHER.split() for pair in (two, two[::-1]))
_SURE = 3.0


def traces(reading: Reading) -> int:
    """How many places show that a machine made this Traditional text."""
    text, classes = reading.text, reading.classes
    padded = pad(reading.plain)
    found = open_places(padded, _SPOTS.finditer(classes))
    found += [(spot.start(), choose(padded, spot.start())) for spot in _LEFT.finditer(classes)]
    return sum(
        choice.lexical
        and choice.margin >= _SURE
        and choice.char != text[index]
        and text[index] + choice.char not in _NO_TRACE
        for index, choice in found
    )
