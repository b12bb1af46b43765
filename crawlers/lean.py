"""What a process of the line can do without.

PyArrow imports pandas, where it is installed, as soon as the first array is made: 45 MB and half
a second, for tables that never become frames. And its own allocator keeps what a commit took; a
crawl commits now and then, so the system's allocator does with less, at no cost that shows.
"""

import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType

__all__ = ["go_lean"]


class _WithoutPandas(MetaPathFinder):
    """Finds all modules but one."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> None:
        """Leave it to the others, except for pandas."""
        del path, target
        if fullname == "pandas":
            raise ModuleNotFoundError("this process crawls without pandas", name=fullname)


def go_lean() -> None:
    """Spare this process pandas and Arrow's pool; to be called before Arrow is imported.

    Imports of pandas fail from now on, as if it were not installed. A pool that the environment
    names stays.
    """
    sys.meta_path.insert(0, _WithoutPandas())
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
