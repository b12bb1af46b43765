from archive.model import *
from crawlers.parse import parse_html
from crawlers.generic.article import extract_article
def read_generic(capture, text):
    a = extract_article(None, text, capture.url, capture.fetched_at)
    return PageData(PageClass.ARTICLE, articles=(a,) if a else ())
