"""Lines that stand inside an article's box and are not the article.

Credits, invitations to share or follow, copyright notices, pagers and lists of other stories.
A pattern names a whole line (or its end), never a word inside a sentence: an article that
speaks of 责任编辑 or of sharing must keep its sentence.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

__all__ = [
    "cut_tail",
    "ends_article",
    "is_control",
    "is_fields",
    "is_noise",
    "is_notice",
    "prose",
]

_LONGEST = 120  # a longer line is prose, whatever it begins with

_BULLET = r"^[\s\[【(（〔<《〈▲▼●○■□◆◇★☆※>＞→*・·•.|\-—注]*"


def _line(*starts: str) -> re.Pattern[str]:
    """A pattern for lines that start so, after brackets and bullets."""
    return re.compile(f"{_BULLET}(?:{'|'.join(starts)})", re.IGNORECASE)


_CREDIT = _line(
    r"(?:本文|本报|本網|本网|网络|文章|网站|新媒体|值班|执行|實習|实习|见习|网页|視覺|视觉|文字|图片|圖片|版面)?"
    r"(?:责任编辑|責任編輯|责编|責編|编辑|編輯|小编|主编|主編|校对|校對|审核|審核|监制|監製|统筹|制图|製圖"
    r"|编审|美编|排版)(?:员|人)?\s*[:：/／丨|｜]",
    r"(?:责任编辑|責任編輯|责编|編輯|编辑)\s{1,4}\S{1,12}\s*[\]】)）]?$",
    r"(?:原标题|原標題|原题|原題|本文原题|原文标题)\s*[:：]?",
    r"(?:本文|文章|稿件|信息|新闻|资料|文字|原文|图文|消息)?"
    r"(?:来源|來源|出处|出處|稿源|转自|轉自|摘自|转载自)\s*(?:自|于)?\s*[:：]",
    r"(?:作者|记者|記者|撰文|采写|文/|文／|责任作者|通讯员)\s*[:：]\s*\S{1,30}$",
    r"(?:封面|首|头|题|配)?(?:图片|图源|圖源|圖片|题图|配图|封面|首图|头图|圖|图)(?:来源|來源|版权|提供)?\s*[:：/／|｜]",
    r"(?:首次)?(?:发布|發布|發佈|发表|發表|更新|发稿|更改|修改|出版|刊登|最後更新|最后更新)(?:时间|時間|日期|于|於)?"
    r"\s*[:：|｜/／]\s*\d",
    r"(?:关键字|关键词|關鍵字|關鍵詞|标签|標籤|标籤|分类|分類|频道|栏目|tags?|filed under|keywords?"
    r"|topics?)\s*[:：]",
    r"(?:广告|廣告|听新闻|举报[/／]反馈|我要纠错|纠错|反馈)[\s\]】]*$",
    r"点(?:分享|收藏|点赞|在看|亮在看)$",
    r"点击(?:收起|展开|查看)全文",
    r"(?:举报|舉報|分享|收藏|点赞|赞|讚|打印|列印|评论|評論|回复|關閉|推薦|推荐|facebook|twitter|微博|微信"
    r"|QQ空间|Qzone|关闭|字号|字級|字体大小|纠错|我要评论|返回顶部|更多|TOP|顶一下|踩一下|顶|踩|挑错|打印本页"
    r"|关闭窗口|回上一頁|友善列印|本文图片|分隔线)[\s\d()（）\]】%+-]*$",
    r"(?:(?:收藏|挑错|推荐|打印|分享|举报|点赞|赞|关闭|转发|发E-mail给[:：]?)\s?){2,8}$",
    r"(?:[【\[][^】\]]{2,8}[】\]]\s?){2,}$|文章录入\s*[:：]|(?:发自|發自)\s?\S{2,6}$|(?:Role|作者),\s\S.{0,30}$",
    r"(?:图像|圖像|影像)(?:来源|來源)\s*[，,:：]",
    r"(?:完|全文完|END)\s*[)）】\]-]{0,2}$",
    r"-{3,}\s?分隔线\s?-{3,}$",
    r"(?:本文|原文|文章)(?:地址|链接|連結|鏈接|网址|網址)\s*[:：]",
)
_INVITE = _line(
    r"(?:点击|點擊|點我|点我|戳|更多|查看更多|了解更多|加入|追蹤|追踪|下載|下载|立即|馬上|扫码|掃碼|扫一扫"
    r"|掃描|扫描|用微信扫|长按|長按).{0,30}"
    r"(?:专题|專題|更多|进入|關注|关注|下载|下載|訂閱|订阅|好友|LINE|APP|群组|群組|频道|頻道|二维码|二維碼"
    r"|新聞|新闻|客户端|公众号|阅读|>>|＞＞|»)",
    r"(?:相关|相關)(?:资讯|資訊|内容|內容|阅读|新闻).{0,4}(?:请|請)?(?:关注|關注|点击)",
    r"(?:本刊|本报|本網|本网|本站)?(?:欢迎|歡迎)(?:关注|關注|加入|訂閱|订阅|下载|下載|扫码|投稿).{0,40}$",
    r"(?:转播|分享|轉發|转发)(?:到|至).{0,12}$|返回.{1,8}(?:首页|首頁|查看更多|列表)",
    r"(?:上一[篇页頁条則则](?:文章)?|下一[篇页頁条則则](?:文章)?|上篇|下篇|首页|末页|尾页|全文|阅读全文|閱讀全文"
    r"|查看全文"
    r"|展开全文|打开全文|繼續閱讀|继续阅读)\s*(?:[:：>»].{0,60})?$",
    r"第\s?\d{1,3}\s?[页頁]\s?[:：].{0,40}$",
    r"(?:喜欢|喜歡|觉得|覺得).{0,16}(?:点|點|请|請|欢迎|歡迎|别忘).{0,6}(?:在看|赞|讚|转发|分享|打赏|关注)",
    r"(?:订阅|訂閱|会员|會員|登录|登入|注册|付费|付費)\S{0,14}(?:阅读|閱讀|查看)(?:全文|更多|完整)\S{0,6}$",
    r"(?:给|給)(?:文章|本文)打分|支付宝扫码|(?:还|還)没有人(?:赞赏|评论|打赏)|(?:暂无|暫無|尚无|尚無)(?:评论|評論|留言|回复)",
    r"(?:坚持|堅持)原创.{0,20}支持",
    r"(?:如果|若|如).{0,24}(?:欢迎|歡迎|请|請|记得|麻烦).{0,6}(?:点赞|點讚|收藏|关注|關注|转发|轉發|在看|打赏)",
    r"看更多\S{0,20}(?:新闻|新聞|报道|報導|文章|內容)$|想看更多.{0,12}[，,].{0,8}(?:订阅|訂閱|关注|關注|下载|下載|加入)",
    r"更多(?:新闻|精彩|内容|資訊|资讯).{0,20}(?:请|請|尽在|盡在)",
    r"(?:关注|關注).{1,16}[，,].{0,6}(?:看|获取|了解|解锁).{0,10}(?:精彩|更多|资讯|体验)",
    r"(?:本刊|本报|本網|本网)?(?:欢迎|歡迎)(?:来稿|來稿)|点击进入|點擊進入|[请請][继繼][续續]往下[阅閱][读讀]|以下内容请|打开.{0,8}(?:APP|客户端)|不用抽",
    r"(?:share|tweet|print|email|save|advertisement|sign up|subscribe|read more|click here"
    r"|follow us"
    r"|watch|listen|read|see also|more|related|photo|image|source|copyright|©|all rights reserved"
    r"|getty images|continue reading|loading|comments?|reply|by)\b[^.!?]{0,60}$",
    r"posted\s?[@|]",
    r"(?:posted|written|published|submitted|added) (?:by|on|in)\b[^.!?]{0,60}$",
    r"follow .{1,60} on (?:twitter|facebook|instagram)",
)
_NOTICE = _line(
    r"[:：]?(?:特别|免责|版权|郑重|法律|本站|本网|本網|平台|风险|風險)(?:声明|聲明|提示|提醒|说明)",
    r"免責聲明|版權(?:聲明|所有)|版权所有|声明\s*[:：]|聲明\s*[:：]",
    r"(?:本文|文章|以上内容|以上內容|本网|本站|本篇|此文|内容|凡本|凡注明|如需).{0,30}"
    r"(?:未经|未經|不代表|不构成|不構成|仅供|僅供|转载|轉載|授权|授權|原创文章|版权|侵权)",
    r"(?:未经|未經|转载|轉載|欲转载|严禁|禁止转载).{0,40}"
    r"(?:转载|轉載|授权|授權|注明|註明|许可|許可|联系|必究|出处|出處|来源)",
    r"(?:除非|如无|如無|若无|除)(?:特别|特別|另有)?(?:注明|声明|說明|说明|註明).{0,30}(?:原创|原創|转载|轉載|协议|版权)",
    r"(?:该|該)文(?:观点|觀點|章)?(?:仅|僅)?(?:代表|供)",
    r"(?:本文|该文|内容)(?:来自|來自|由).{0,40}(?:更多.{0,24}(?:下载|下載|关注|關注)|仅提供信息存储)",
    r"如(?:对|有|果对).{0,16}(?:异议|投诉|侵权|疑问|版权).{0,16}(?:联系|聯絡)",
    r"仅供参考|僅供參考|投资有风险|如有侵权|文章来源于网络|notice\s*:",
    r"(?:此|本|以上|上述)(?:内容|內容|文章?|稿).{0,16}(?:原创|作者(?:独立|個人|个人)?(?:观点|觀點))",
    r"(?:关于我们|關於我們|联系我们|聯絡我們|广告服务|网站地图|隐私政策|服务条款|人才招聘)"
    r"(?:\s*[|｜\-·/]?\s*\S{2,8}){1,12}$",
)
# Han characters that one of these three can begin with: of prose one line in five has one.
_HEADS = frozenset(
    "上下不严主举了人仅以作來信修值僅免全关内凡出分刊列制加原反发听回图圖声头如字实审實審封小尾展平广廣微我戳打执扫投掃排推摘撰收文新更最服未末本来查挑踩顶友觉覺喜会會登订付给支還还暫無无尚坚堅除若该該暂訂給堅第影看想要完"
    "标栏校標欢欲歡此法注消点版特用發监監相禁稿立編繼纠统继编网美联聯聲舉製視见视記評請讚记评请責责资赞轉转返追通郑配采長长閱關阅隐频题風风首馬點"
)
# Invitations of which only the end tells.
_ENDS = _line(
    r"[\u4e00-\u9fff]{1,4}(?:编辑|編輯|校对|校對|审核|審核|监制|統籌|统筹|制作|出品|主编)(?:员|人)?\s?[:：丨|｜]\s?\S{1,16}$",
    r"[«‹←]\s?[^«»|]{1,40}\|[^«»|]{1,40}[»›→]$",
    r".{0,12}(?:广告|商务|廣告)合作.{0,4}(?:请|請|联系|點擊|点击|[:：]).{0,24}$",
    r".{0,40}(?:立即|馬上|立刻)(?:贊助|赞助|訂閱|订阅|捐款)$",
    r".{0,24}按[讚赞].{0,8}(?:追蹤|追踪|加入|粉絲)|.{0,14}(?:提醒您|關心您|关心您)\s?[:：]",
    r"\S{2,12}(?:公众号|公眾號|微信号|官方微博|客户端)$",
    r".{0,16}(?:爆料|报料|報料)(?:方法|热线|熱線|电话|電話|邮箱|微信)[\s:：].{0,60}$",
    r".{0,16}(?:爆料|报料|報料)\s?[:：]\s?[+\d].{0,40}$",
    r".{0,40}(?:阅读|閱讀|浏览|瀏覽|评论|評論)\s?[(（:：]\s?\d+\s?[)）]?.{0,30}$",
)
# One of these stands in every line that `_ENDS` matches.
_ENDING = re.compile(
    "公众号|公眾號|微信号|微博|客户端|阅读|閱讀|浏览|瀏覽|评论|評論|按讚|按赞|爆料|报料|報料|醒您|心您"
)
# A line of fields (2019-11-05 来源：… 编辑：… 人气：…): two labels and a time.
_FIELD = re.compile(
    r"(?:来源|來源|作者|编辑|編輯|责编|責編|记者|記者|通讯员|人气|人氣|浏览(?:次数|量)?|點閱|点击|点击数|阅读|评论|出处|发布"
    r"|网友|網友|用户|昵称|发布(?:时间|日期)|发表(?:时间|于)|时间|日期|字号)\s?[:：(（\[]"
    r"|(?:记者|記者|通讯员|摄影|作者)\s[\u4e00-\u9fff]{2,4}(?=\s|$)"
)
_DATED = re.compile(r"(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}")
# What is a notice wherever in a short line it stands.
_LEGAL = re.compile(
    r"(?:著作权|著作權|版权|版權)归.{1,16}所有|未经.{0,16}(?:授权|许可|允许|同意).{0,24}(?:转载|使用|复制|禁止|不得)"
    r"|[未非]經.{0,16}(?:授權|許可|同意).{0,24}(?:轉載|使用|複製|禁止|不得)|(?:严禁|嚴禁|谢绝|禁止)(?:转载|轉載)"
    r"|(?:转载|轉載)(?:请|請|需|须|须要)?(?:注明|註明|联系|聯絡|获得|附上)"
    r"|(?:仅代表|僅代表|观点|觀點|作者|本文|内容|內容|文章|信息|資訊|平台).{0,40}"
    r"不(?:代表|构成|構成).{0,24}(?:观点|觀點|立场|立場|建议|建議)(?:。|，|,|$).{0,40}$"
    r"|(?:所有文章|本博客|本站).{0,30}(?:许可协议|許可協議|采用.{0,16}协议)|仅提供信息存储|版[权權](?:声明|聲明)\s?[:：]|受(?:到)?(?:著作|版)[权權]法?保护|未經.{0,12}不得轉載"
    r"|[\u4e00-\u9fff]{0,12}\s?(?:版权所有|版權所有)(?:\s|$|[:：])"
    r"|同意.{0,10}(?:隱私權?|隐私权?)(?:規範|政策|协议|條款|条款)|据此操作|風險自負|风险自担|广告拦截|廣告攔截"
    r"|ICP[备備证證]|公网安备|互联网新闻信息服务许可|违法和不良信息举报"
)
# Literals only: their first characters are then searched for at once, four times as fast.
_SPOKEN = re.compile(
    r"权|權|载|載|不代|不构|不構|据此|风险|風險|拦截|攔截|ICP|安备|许可|举报|隐私|隱私|信息存储"
)
_LEGAL_LONGEST = 220
_ROLE = (
    r"(?:责任编辑|責任編輯|责编|責編|编辑|編輯|主编|主編|校对|校對|责校|审核|審核|审校|监制|監製|统筹|制图|製圖"
    r"|排版|美编|视觉|设计|翻译|翻譯|编译|編譯|译者|译|摄影|攝影|摄像|摄|剪辑|后期|策划|策劃|出品|文字|撰稿|撰文|采写|文案|网编"
    r"|[一二三初终複复]审|值班|版式|编审|记者|記者|通讯员|实习生|作者|责任)"
)
_NAMED = r"[\u4e00-\u9fff]{2,4}"
_ROLES = re.compile(
    rf"^[\s\[【(（〔]{{0,3}}(?:\S{{0,8}}?{_ROLE}[员者人]?(?:\s?[:：|｜丨/／]\s?|\s{{1,4}}){_NAMED}"
    rf"(?:[、,，&\s]{_NAMED}(?!\s?[:：|｜丨/／])){{0,3}}[\s;；,，|｜/]{{0,4}}){{1,6}}[\s\]】)）〕]{{0,3}}$"
)
_BESIDE = ":：|｜丨/／"
_BESIDE_NAME = re.compile(rf"[\s{_BESIDE}]")  # stands between a role and a name
_HEADS_OTHERS = (
    r"(?:相关|相關|推荐|推薦|延伸|更多|热门|熱門|精彩|猜你|你可能|您可能|大家都在|其他人也|看更多"
    r"|編輯精選|编辑推荐|最新|今日|本周|往期|热点)"
    r"(?:阅读|閱讀|新闻|新聞|推荐|推薦|文章|报道|報導|報道|视频|影音|链接|連結|鏈接|内容|內容|资讯"
    r"|資訊|點閱|点阅|喜欢|喜歡|感兴趣|也喜歡|看|在看|评论|評論|专题|回顾|精選|點播|排行|话题)"
    r"|其[他它]新[闻聞]|更多(?:相关|相關)(?:报道|報導|新闻|新聞|文章)|(?:网友|網友|最新)(?:评论|評論)[:：（(].{0,50}$|(?:更多|相关|相關)(?:文章|新闻|新聞)$|网友评论|網友評論|用户评论|全部评论|最新评论|热门评论|发表评论|發表評論|我要评论|留言板"
    r"|(?:已有|共有?|《.{1,30}》上有)?\s?\d+\s?(?:条|條|則|则|个|篇)?\s?(?:评论|評論|留言|跟帖)|(?:评论|評論|留言)(?:列表|\s?[(（]\d)"
    r"|參與討論|评论区|(?:为|為)(?:你|您)推[荐薦]|猜你喜欢|(?:你|您)可能(?:还|還)?(?:想看|喜[欢歡]|感)"
    r"|you (?:may|might) (?:also )?(?:like|be interested)"
    r"|related (?:articles?|stories|posts|news|content|topics)"
    r"|more (?:from|on|in|stories|news)\b|recommended|read (?:next|also)"
    r"|most (?:popular|read|viewed)|about the author|(?:leave|add|post|write) a (?:reply|comment)"
    r"|new comment$|currently unrated$"
    r"|(?:\d+ )?comments?$|also read|trending|top stories|latest news|editors'? picks?"
    r"|sponsored|join the conversation|what to read next"
)
_END = re.compile(f"{_BULLET}(?:{_HEADS_OTHERS})[^。！？!?]{{0,14}}$", re.IGNORECASE)
_TAIL = re.compile(
    r"\s*(?:返回搜狐[，,]?\s*查看更多"
    r"|[\[【(（](?:责任编辑|責任編輯|责编|責編|编辑|編輯)\s*[:：].{0,20}[\]】)）](?:\s?\d{6,9})?"
    r"|(?:责任编辑|責任編輯|责编)\s*[:：]\s*\S{0,20}|查看更多|展开全文|阅读全文|閱讀更多)\s*$"
)
_CONTROL = re.compile(
    r"^(?:[\s\d()（）\[\]+·•|\-#:：,，万w.]{0,12}(?:查看回复|查看回覆|查看全部|查看对话|回复|回覆|回應|举报"
    r"|舉報|检举|赞同|赞|讚|踩|顶|支持|反对|反對|分享|收藏|引用|编辑|編輯|删除|刪除|更多|展开|收起|展開|查看"
    r"|只看该作者|只看楼主|只看大图|倒序浏览|正序浏览|倒序看帖|阅读模式|楼主|樓主|沙发|板凳|地板|点评"
    r"|評論|评论"
    r"|鲜花|鸡蛋|使用道具|道具|送花|关注|發消息|发消息|加好友|好友|复制|翻译|有用|首页|首頁|电梯直达|发表于"
    r"|發表於|发布于|條|条|人|匿名|reply|quote|report|share|likes?|up|down|edit|permalink|link|delete|more"
    r"|upvote|downvote|give award|follow|score hidden|points?|op|author|copy|view post|view"
    r"|资料|資料|短消息|短訊|發短訊|檢舉|主页|顶端|頂端|顶部|頂部"
    r"|\d{1,6}\s?[楼樓层層]|log in.{0,20}|我也[说說]一句"
    r"|top|comments?|add a|posted|posts?|member|options|ip属地.{0,10}|来自.{0,14}|#)){1,6}"
    r"[\s\d()（）\[\]+·•|\-#:：,，]*$|^\#?\d{1,6}\s?[楼樓层層fF#]?$",
    re.IGNORECASE,
)


_COLONS = str.maketrans("︰﹕", "：：")  # as Hong Kong sets them


def is_control(text: str) -> bool:
    """Whether a short text is nothing but words of buttons and counters (回复 赞 12)."""
    return len(text) <= 60 and bool(_CONTROL.match(text))


class _Asked(NamedTuple):
    """Which of the searches a line can need: what a pattern needs stands in it or in none."""

    notices: bool = True
    names: bool = True
    ends: bool = True


_ALL = _Asked()


def prose(lines: Sequence[str]) -> list[str]:
    """The lines that are the article's: `cut_tail` on each, less noise and lists of fields.

    Most texts hold nothing of what the patterns for every line need: that is looked for once.
    """
    whole = "".join(lines)
    spaced = whole.split(None, 1)[:1] != [whole]
    asked = _Asked(
        notices=_SPOKEN.search(whole) is not None,
        names=spaced or any(mark in whole for mark in (*_BESIDE, "︰", "﹕")),
        ends=_ENDING.search(whole) is not None,
    )
    cut = map(cut_tail, lines) if _may_end(whole) else lines
    kept = [line for line in cut if line and not is_noise(line, asked)]
    return [line for line in kept if not is_fields(line)] if asked.names else kept


def is_noise(line: str, asked: _Asked = _ALL) -> bool:
    """Whether a line as a whole is a credit, an invitation or a notice."""
    if asked.notices and len(line) <= _LEGAL_LONGEST and is_notice(line):
        return True
    if len(line) > _LONGEST:
        return bool(len(line) < 400 and _NOTICE.match(line))
    line = line.translate(_COLONS) if "︰" in line or "﹕" in line else line
    first = line[:1]
    named = asked.names and len(line) <= 60 and _BESIDE_NAME.search(line) is not None
    if named and first not in "（(" and _ROLES.match(line):
        return True
    if "\u3400" <= first <= "\u9fff" and first not in _HEADS:
        return asked.ends and _ENDS.match(line) is not None
    told = _CREDIT.match(line) or _INVITE.match(line) or _NOTICE.match(line) or _ENDS.match(line)
    return told is not None


def is_notice(line: str) -> bool:
    """Whether a short line tells of rights, risks or licences, wherever in it that stands."""
    short = len(line) <= _LEGAL_LONGEST and not line.isascii()
    return short and _SPOKEN.search(line) is not None and _LEGAL.search(line) is not None


def is_fields(line: str) -> bool:
    """Whether a line is a list of fields by the headline: a time and two labels at least."""
    if not (14 <= len(line) <= 160 and ("：" in line or ":" in line)):
        return False
    return len(_FIELD.findall(line)) >= 2 and _DATED.search(line) is not None


def ends_article(line: str) -> bool:
    """Whether a line heads a list of other stories or the remarks of readers."""
    return len(line) < 40 and bool(_END.match(line))


def cut_tail(line: str) -> str:
    """A paragraph without the credit or the link back that is glued to its end."""
    return _TAIL.sub("", line) if len(line) > 12 and _may_end(line) else line


def _may_end(text: str) -> bool:
    """One of these stands in all that `_TAIL` finds; the search itself takes far longer."""
    return "编" in text or "編" in text or "更多" in text or "全文" in text
