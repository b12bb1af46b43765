"""Lines that are no text: what is not tried on a line must not be able to match it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pattern_heads import begins

from crawlers.generic import noise
from crawlers.generic.noise import (
    cut_tail,
    ends_article,
    is_control,
    is_fields,
    is_noise,
    prose,
)


def test_no_shape_begins_with_a_character_that_spares_it():
    for shape in (noise._CREDIT, noise._INVITE, noise._NOTICE):
        found, empty = begins(re._parser.parse(shape.pattern))
        assert not empty
        assert {c for c in found if "\u3400" <= c <= "\u9fff"} <= noise._HEADS


def test_noise_and_prose():
    for line in (
        "责任编辑：林海",
        "【原标题：渡轮照常",
        "海港日报微信号",
        "渡轮照常开船 阅读(120)",
        "編輯：林海 王明",
        "▲ 相关阅读请关注渡轮",
    ):
        assert is_noise(line), line
    for line in (
        "港口的风从早上吹到晚上",
        "编辑部昨天说，渡轮照常开船，不必改签。",
        "陆續有旅客到場",
    ):
        assert not is_noise(line), line


_PIECES = st.sampled_from(
    (
        *(
            "渡轮",
            "照常开船",
            "。",
            "，",
            "林海",
            "王明",
            "责任编辑",
            "记者",
            "：",
            " ",
            "/",
            "(",
            "120",
            ")",
        ),
        *(
            "阅读",
            "评论",
            "公众号",
            "微博",
            "未经授权",
            "不得转载",
            "风险自担",
            "本文",
            "仅供参考",
            "查看更多",
        ),
        *(
            "按讚追蹤",
            "提醒您",
            "爆料热线",
            "︰",
            "2023-11-05",
            "展开全文",
            "[责编：王明]",
            "编",
            "客户端",
            "关注",
            "海港日报",
            "ICP",
            "分享到",
            "photo",
            "3月5日",
        ),
    )
)
_LINES = st.lists(st.lists(_PIECES, min_size=1, max_size=7).map("".join).filter(str.strip))


@given(_LINES)
def test_what_is_looked_for_once_changes_no_line(lines):
    cut = map(cut_tail, lines)
    assert prose(lines) == [
        line for line in cut if line and not is_noise(line) and not is_fields(line)
    ]


def test_a_line_that_is_a_tail_from_its_first_letter_is_gone():
    assert cut_tail("责任编辑：一二三四五六七八九十") == ""
    assert prose(["甲乙丙丁。", "责任编辑：一二三四五六七八九十"]) == ["甲乙丙丁。"]


@pytest.mark.parametrize(
    "line",
    [
        "顶一下(3)",
        "关注江岸网，看更多精彩",
        "【江岸社】堅持真相，需要您的支持。立即贊助",
        "2021年08月17日 06:50 江岸日报 记者 胡月 通讯员 方小小 摄影 王诚",
        "江岸财讯广告合作，请点击这里",
        "如对本稿件有异议或投诉，请联系 a@b.example",
        "流程编辑：u028",
        "« 第一场雪 | 元旦»",
        "☆健康新聞不漏接，按讚追蹤粉絲頁。",
        "★《江岸》提醒您：飲酒過量有害健康。",
        "打印 发E-mail给：",
        "收藏 挑错 推荐 打印",
        "【发表评论】【加入收藏】【打印此文】",
        "2019-11-05 08:31 来源：江岸晚报 编辑：小草 作者：陶然 人气：1862 次",
        "喜欢就点个“在看”吧",
        "如果觉得有帮助，欢迎点赞、收藏、关注三连～",
        "想看更多新闻，请订阅我们的频道。",
        "订阅会员可阅读全文",
        "除非注明，文章均为江岸原创，转载请以链接形式注明出处。",
        "本文地址：http://jiangan.example/1.html",
        "该文观点仅代表作者本人，本平台仅提供信息存储空间服务。",
        "江岸日報社 版權所有 地址：江岸縣碼頭路1號",
        "人人做記者︰爆料方法 WhatsApp 0000",
        "责任编辑：陶然",
        "编辑 陶然 校对 李在田",
        "主编丨陶然 编辑丨李在田",
        "翻译：陶然",
        "广告",
        "【我要纠错】",
        "封面图片来源：江岸图库",
        "發布時間：2024-05-13 09:16 更新時間：2024-05-13 10:02",
        "本内容为作者独立观点，不代表本站立场。",
        "此内容著作权归江岸所有。未经书面授权，不得转载。",
        "京ICP备00000000号",
        "关于我们 | 联系我们 | 广告服务",
        "（编辑：陶然）",
        "原标题：渡口的早晨",
        "来源：江岸日报",
        "【责任编辑:陶然】",
        "点击进入专题：",
        "分享到微信",
        "举报",
        "版权所有，未经授权不得转载",
        "特别声明：以上内容仅代表作者本人",
        "请繼續往下閱讀...",
        "上一篇：渡口",
        "用微信扫码二维码",
        "相关资讯请关注:渡口专区",
        "Share this article",
        "Advertisement",
        "posted @ 2023-11-05 22:18 慢船 阅读(88) 评论(0)",
    ],
)
def test_noise(line):
    assert is_noise(line) or is_fields(line)


@pytest.mark.parametrize(
    "line",
    [
        "喜欢在夜里走路的人都在看他，他也不抬头。",
        "有网友爆料：钟楼修了两年还没有修好。",
        "看更多的书，走更远的路，这是他的老话。",
        "第一页上写着他的名字，第二页是空的。",
        "会员可以免费看，注册后还要等一天，这是老规矩。",
        "他喜欢在夜里走路，觉得街灯也在看他。",
        "责任编辑在会上说，稿件必须三审三校，一个字也不能错。",
        "他分享到一半就停了下来，台下的人都看着他。",
        "更多的人选择在清晨坐第一班船。",
        "来源于山泉的水要走十二公里才到镇上。",
        "Reading is what she did every evening after the shop had closed.",
        "编辑部的灯亮到半夜。",
        "他说这不代表他的立场，只是那天晚上在渡口听来的一句玩笑话，听的人也没有当真。",
        "记者 周安在渡口等了一夜，第二天早上才见到第一班船。",
        "这部小说的版权归属争了十年，去年冬天才有了结果。",
    ],
)
def test_prose_is_no_noise(line):
    assert not is_noise(line)
    assert not ends_article(line)


@pytest.mark.parametrize(
    "line",
    [
        "相关阅读",
        "【其他新聞】",
        "已有 3 条评论",
        "评论列表:",
        "延伸閱讀：",
        "推荐阅读",
        "熱門新聞",
        "網友評論",
        "猜你喜欢",
        "Related articles",
        "Most popular",
        "为你推荐",
    ],
)
def test_headings_of_other_stories(line):
    assert ends_article(line)


def test_a_glued_credit_is_cut_off():
    assert cut_tail("老周说，他会一直开下去。返回搜狐，查看更多") == "老周说，他会一直开下去。"
    assert cut_tail("老周说，他会一直开下去。（责任编辑：陶然）") == "老周说，他会一直开下去。"
    assert cut_tail("他按下查看更多的按钮，又按了返回。") == "他按下查看更多的按钮，又按了返回。"


@pytest.mark.parametrize(
    "text",
    ["回复 赞 12", "举报", "查看回复 3", "回复 踩0 赞23 收藏", "#12", "12楼", "Reply", "1995 有用"],
)
def test_buttons(text):
    assert is_control(text)


@pytest.mark.parametrize("text", ["半夏", "同意楼上，插电的省心。", "支持环保的人", "赞比亚来信"])
def test_no_buttons(text):
    assert not is_control(text)
