"""What a process of the line can do without.

PyArrow imports pandas, where it is installed, as soon as the first array is made: 45 MB and half
a second, for tables that never become frames. Nothing that crawls or reads pages again uses it.
"""

import sys

__all__ = ["without_pandas"]


def without_pandas() -> None:
    """Let imports of pandas fail in this process from now on, as if it were not installed.

    None in place of a module is Python's own mark for this.
    """
    if "pandas" not in sys.modules:
        sys.modules["pandas"] = None  # type: ignore[assignment]
