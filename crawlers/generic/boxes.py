"""Words that sites put in the class or id of boxes, for what holds an article and what does not."""

import re

__all__ = ["FOREIGN", "INSIDE"]

# Class and id words of boxes that hold something else than the article.
FOREIGN = re.compile(
    r"(?:^|[\s_-])(?:comments?|cmts?|repl(?:y|ies)|respond|disqus|sidebar|aside|related|relate"
    r"|recommend(?:ed|ation|ations|s)?|footer?|foot|nav(?:bar|igation)?|menus?|shar(?:e|ing)"
    r"|shares?|social|copyright|adverts?|ads?|advertisement|promo(?:tion|s)?|newsletter|subscribe"
    r"|hot|rank(?:ing)?|breadcrumbs?|crumbs?|toolbar|disclaimer|bio|popup|modal|dialog|login"
    r"|signup|tags?|keywords|taglist|sponsor(?:ed)?|widget|banner|paywall|cookie|outbrain|taboola"
    r"|trending|popular|morenews|pager|pagination|qrcode|editor-info|read-?more|more-?stories"
    r"|also-?read|teasers?|caption|figcaption|dictionary|subscription|masthead|skip|profile"
    r"|author-?(?:info|box|bio|card))(?:$|[\s_\d-])"
    r"|sidebar|breadcrumb|recommend|related(?!-to)|copyright|disclaimer"
    r"|comment-?(?:list|area|box|wrap)"
    r"|share-?(?:bar|box|tool|btn|list|links|buttons)|newsletter|outbrain|taboola|promo-",
)
# Words of boxes that hold the article.
INSIDE = re.compile(
    r"article[-_]?(?:body|content|text|detail|main|story|inner|copy|txt|con\b|editor|paragraph)"
    r"|(?:post|entry|story|news|main|detail|page|body|art|rich|blog)[-_]?"
    r"(?:_{0,2}body|content|text|txt|con\b|detail)"
    r"|articlebody|maintext|main-?text|trs_editor|rich_media_content|content-?(?:article|body|text)"
    r"|js-article|all-txt|artibody|endtext|zoom|paragraph|read-?content|cont?ent_?area|wysiwyg"
)
