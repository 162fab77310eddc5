"""The people of a recit: each has a browser of their own, and does as people do.

They find fields by their label and buttons by their words, as a person would; so
a recit reads like a story and breaks when a page stops saying what it said.
"""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.doors.axe import assert_no_axe_violations


class Person:
    """Someone at a screen."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def _field(self, label: str) -> Locator:
        """The first field in sight with this label, or a part of it."""
        return self.page.get_by_label(label).filter(visible=True).first

    def opens(self, address: str) -> "Person":
        """Go to an address; each page opened is checked with axe."""
        self.page.goto(address)
        assert_no_axe_violations(self.page)
        return self

    def follows(self, words: str) -> "Person":
        """Click a link by its words; the page it leads to is checked with axe."""
        exact = self.page.get_by_role("link", name=words, exact=True)
        any_of = exact if exact.count() else self.page.get_by_role("link", name=words)
        any_of.first.click()
        self.page.wait_for_load_state()
        assert_no_axe_violations(self.page)
        return self

    def fills(self, label: str, text: str) -> "Person":
        self._field(label).fill(text)
        return self

    def chooses(self, label: str, option: str) -> "Person":
        """Choose in a list, or tick a round or square box, by its words."""
        field = self._field(label)
        if field.evaluate("e => e.tagName") == "SELECT":
            wanted = field.locator("option", has_text=option).first
            field.select_option(wanted.get_attribute("value"))
        else:
            self.ticks(option)
        return self

    def ticks(self, label: str) -> "Person":
        self._field(label).check()
        return self

    def joins(self, label: str, name: str, content: bytes) -> "Person":
        """Join a document to a form."""
        media_type = "application/pdf" if name.endswith(".pdf") else "text/plain"
        self._field(label).set_input_files(
            {"name": name, "mimeType": media_type, "buffer": content}
        )
        return self

    def unfolds(self, words: str) -> "Person":
        folded = self.page.locator("details:not([open]) > summary", has_text=words)
        if folded.count():
            folded.first.click()
        return self

    def clicks(self, words: str) -> "Person":
        """Press a button by its words."""
        self.page.get_by_role("button", name=words).filter(visible=True).first.click()
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

    def keeps(self, label: str, text: str) -> "Person":
        """Find what was typed in a field still there."""
        expect(self._field(label)).to_have_value(text)
        return self

    def sees_nothing_of(self, *words: str) -> "Person":
        for one in words:
            expect(self.page.locator("body")).not_to_contain_text(_spaces(one))
        return self

    @property
    def address(self) -> str:
        """Where the person is now."""
        return self.page.url

    def finds_nothing_at(self, address: str) -> "Person":
        """What is not theirs is not there, not even as a refusal."""
        response = self.page.goto(address)
        assert response is not None
        assert response.status == 404
        return self

    def focuses(self, label: str) -> "Person":
        """Stand in the first field so named, all of it selected."""
        field = self.page.get_by_role("textbox", name=label).first
        field.focus()
        field.select_text()
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
