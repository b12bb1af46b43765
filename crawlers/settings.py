"""Scrapy's settings, all of them: `shenglu crawl` and `scrapy crawl` run with the same.

Only what differs from Scrapy 2.19's defaults stands here, each with its reason where it is not
plain. What an operator may set comes from the environment: SHENGLU_ARCHIVE (folder),
SHENGLU_CONTACT (an address or page for site owners), SHENGLU_LOG_LEVEL, SHENGLU_MIN_FREE_MB (room
that stays free on the archive's disk).
"""

import os
from pathlib import Path

from scrapy.downloadermiddlewares import cookies
from scrapy.settings.default_settings import SPIDER_MIDDLEWARES_BASE
from tldextract import TLDExtract

from crawlers.browser import Browser
from crawlers.capture import CaptureMiddleware
from crawlers.frontier import Frontier
from crawlers.guard import Guard
from crawlers.limits import megabytes
from crawlers.logs import PagesOnly, level_of
from crawlers.options import user_agent
from crawlers.politeness import PatientRetry, PerHost, Robots
from crawlers.progress import Progress
from crawlers.reader import MOST_BYTES
from pipelines.stages import RecordStage, StoreStage

# Cookies need the public suffix list; the copy that the package ships will do. By default it is
# downloaded when a crawl starts: from hosts that nobody asked for, five seconds where they are out
# of reach.
cookies._split_domain = TLDExtract(suffix_list_urls=(), include_psl_private_domains=True)  # noqa: SLF001 - no setting for it

BOT_NAME = "shenglu"
SPIDER_MODULES = ["crawlers.sites"]
NEWSPIDER_MODULE = "crawlers.sites"

SHENGLU_ARCHIVE = Path(os.environ.get("SHENGLU_ARCHIVE") or "var/archive")
SHENGLU_MIN_FREE_MB = megabytes(os.environ.get("SHENGLU_MIN_FREE_MB") or "512")
USER_AGENT = user_agent(os.environ.get("SHENGLU_CONTACT", ""))
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Accept-Language": "zh-TW,zh-HK,zh-CN,zh;q=0.9,en;q=0.5",
}

SCHEDULER = Frontier
DOWNLOADER = PerHost
ITEM_PIPELINES = {RecordStage: 100, StoreStage: 900}
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
    # Scrapy's reads a gzip body that breaks off as a whole one; `Site` undoes codings itself.
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    Browser: 20,  # farthest from the wire: what it draws has passed all others
    Guard: 60,
    Robots: 100,
    PatientRetry: 550,
    # Nearest to the wire: it keeps what came, before anything decodes, follows or retries.
    CaptureMiddleware: 950,
}

# They look at the requests that a spider yields; `Site` yields items only, and each costs every
# page one more generator. Error pages come through: they are evidence and get a class. The
# redirects ask for the referrer's.
SPIDER_MIDDLEWARES = {
    name: None for name in SPIDER_MIDDLEWARES_BASE if not name.endswith("RefererMiddleware")
}

ROBOTSTXT_OBEY = True
METAREFRESH_ENABLED = False  # the page as served is what is read
REDIRECT_MAX_TIMES = 6

DOWNLOAD_DELAY = 1.0  # a site declares its own; --delay overrides both
DOWNLOAD_DELAY_JITTER = 0  # a random delay falls below the one promised
CONCURRENT_REQUESTS = 16
CONCURRENT_REQUESTS_PER_DOMAIN = 4
# A page is one item. Scrapy starts so many tasks for each answer, needed or not: its default of 100
# costs a fifth of the whole crawl.
CONCURRENT_ITEMS = 1
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = DOWNLOAD_DELAY
AUTOTHROTTLE_TARGET_CONCURRENCY = 2.0
DOWNLOAD_TIMEOUT = 60
DOWNLOAD_MAXSIZE = MOST_BYTES
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_FAIL_ON_DATALOSS = False  # half a body is evidence, marked as such, and tried again
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_HANDLERS = {"data": None, "file": None, "ftp": None, "s3": None}  # http(s) only
RETRY_TIMES = 3
RETRY_GIVE_UP_LOG_LEVEL = "WARNING"

EXTENSIONS = {Progress: 500}
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
COOKIES_ENABLED = True
STATS_DUMP = False
LOG_LEVEL = level_of(os.environ.get("SHENGLU_LOG_LEVEL") or "WARNING")
LOG_INSTALL_ROOT_HANDLER = False  # crawlers.logs
LOG_FORMATTER = PagesOnly
LOG_VERSIONS: list[str] = []
WARN_ON_GENERATOR_RETURN_VALUE = False
ASYNCIO_EVENT_LOOP = "uvloop.Loop"
