"""The people of a recit: each has a browser of their own, and does as people do.

They find fields by their label and buttons by their words, as a person would; so
a recit reads like a story and breaks when a page stops saying what it said.
"""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.doors.axe import assert_no_axe_violations


class Person:
    """Someone at a screen."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def opens(self, address: str) -> "Person":
        """Go to an address; each page opened is checked with axe."""
        self.page.goto(address)
        assert_no_axe_violations(self.page)
        return self

    def follows(self, words: str) -> "Person":
        """Click a link by its words; the page it leads to is checked with axe."""
        self.page.get_by_role("link", name=words).first.click()
        self.page.wait_for_load_state()
        assert_no_axe_violations(self.page)
        return self

    def fills(self, label: str, text: str) -> "Person":
        self.page.get_by_label(label, exact=False).first.fill(text)
        return self

    def chooses(self, label: str, option: str) -> "Person":
        """Choose in a list, or tick a round or square box, by its words."""
        field = self.page.get_by_label(label, exact=False).first
        if field.evaluate("e => e.tagName") == "SELECT":
            wanted = field.locator("option", has_text=option).first
            field.select_option(wanted.get_attribute("value"))
        else:
            self.ticks(option)
        return self

    def ticks(self, label: str) -> "Person":
        self.page.get_by_label(label, exact=False).first.check()
        return self

    def joins(self, label: str, name: str, content: bytes) -> "Person":
        """Join a document to a form."""
        media_type = "application/pdf" if name.endswith(".pdf") else "text/plain"
        self.page.get_by_label(label, exact=False).first.set_input_files(
            {"name": name, "mimeType": media_type, "buffer": content}
        )
        return self

    def unfolds(self, words: str) -> "Person":
        self.page.locator("summary", has_text=words).first.click()
        return self

    def clicks(self, words: str) -> "Person":
        """Press a button by its words."""
        self.page.get_by_role("button", name=words).first.click()
        self.page.wait_for_load_state()
        return self

    def presses(self, keys: str) -> "Person":
        for key in keys.split():
            self.page.keyboard.press(key)
        return self

    def types(self, text: str) -> "Person":
        self.page.keyboard.type(text)
        return self

    def sees(self, *words: str) -> "Person":
        for one in words:
            expect(self.page.locator("main")).to_contain_text(_spaces(one))
        return self

    def sees_nothing_of(self, *words: str) -> "Person":
        for one in words:
            expect(self.page.locator("body")).not_to_contain_text(_spaces(one))
        return self

    def downloads(self, words: str) -> bytes:
        """Follow a link that gives a document; return its bytes."""
        with self.page.expect_download() as coming:
            self.page.get_by_role("link", name=words).first.click()
        return coming.value.path().read_bytes()


def _spaces(words: str) -> re.Pattern[str]:
    """Any kind of space does: documents are typed with plain ones."""
    return re.compile(r"\s+".join(re.escape(word) for word in words.split()))


Arrival = Callable[..., Person]
