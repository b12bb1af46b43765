"""What a process of the line can do without.

PyArrow imports pandas, where it is installed, as soon as the first array is made: 45 MB and half
a second, for tables that never become frames. And its own allocator keeps what a commit took; a
crawl commits now and then, so the system's allocator does with less, at no cost that shows.
"""

import os
import sys

__all__ = ["go_lean"]


def go_lean() -> None:
    """Spare this process pandas and Arrow's pool; to be called before Arrow is imported.

    Imports of pandas fail from now on, as if it were not installed: None in place of a module is
    Python's own mark for this. A pool that the environment names stays.
    """
    if "pandas" not in sys.modules:
        sys.modules["pandas"] = None  # type: ignore[assignment]
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
