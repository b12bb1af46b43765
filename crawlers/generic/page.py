from archive.model import *
from crawlers.parse import parse_html
from crawlers.generic.survey import survey
from crawlers.generic.article import read_article
from crawlers.generic.threads import mine_survey
def read_generic(capture, text):
    root = parse_html(text); s = survey(root)
    a = read_article(root, s, capture.url, capture.fetched_at)
    c = mine_survey(root, s, capture.url, capture.fetched_at, a.published.at if a and a.published else None)
    return PageData(PageClass.ARTICLE, articles=(a,) if a else (), comments=c)
