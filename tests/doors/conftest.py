"""The browser of `tests/doors/browser.py`, for every test of a door."""

from tests.doors.browser import browser, page, playwright, visit

__all__ = ["browser", "page", "playwright", "visit"]
