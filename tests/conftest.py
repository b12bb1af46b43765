"""Fixtures for every kind of test: the checkout on the path, the shared data where it exists."""

import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))  # tests.replicas is a part of the checkout, not of the wheel


@pytest.fixture(scope="session")
def checkout() -> Path:
    return CHECKOUT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The evaluation data beside the checkout; the test is skipped where there is none."""
    found = CHECKOUT.parent / "shared"
    if not (found / "eval").is_dir():
        pytest.skip("needs the shared evaluation data beside the checkout")
    return found


from tests.moto_bucket import bucket, endpoint  # noqa: E402, F401 - fixtures; needs the path above
