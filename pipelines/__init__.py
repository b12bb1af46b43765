"""From what a page shows to rows: text, identity, threads, privacy. Pure but for `stages`."""
