"""One file a site; `crawlers.registry` finds them here, nothing registers itself."""
