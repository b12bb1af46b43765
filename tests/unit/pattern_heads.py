"""What a regular expression can begin with: for tests of sets that spare trying it."""


def begins(items):
    """The characters that a match of parsed items can begin with; raises for any character."""
    found = set()
    for operation, value in items:
        name, chars, empty = str(operation), set(), False
        if name == "LITERAL":
            chars = {chr(value)}
        elif name == "IN":
            ranges = [v for kind, v in value if str(kind) == "RANGE"]
            assert "CATEGORY_NOT" not in str(value)
            chars = {chr(v) for kind, v in value if str(kind) == "LITERAL"}
            chars |= {chr(c) for first, last in ranges for c in range(first, last + 1)}
        elif name in {"MAX_REPEAT", "MIN_REPEAT"}:
            chars, empty = begins(value[2])
            empty = empty or value[0] == 0
        elif name == "SUBPATTERN":
            chars, empty = begins(value[-1])
        elif name == "BRANCH":
            parts = [begins(branch) for branch in value[1]]
            chars, empty = set().union(*(p[0] for p in parts)), any(p[1] for p in parts)
        else:
            assert name == "AT", name
            empty = True
        found |= chars
        if not empty:
            return found, False
    return found, True
