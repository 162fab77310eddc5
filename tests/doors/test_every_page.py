"""Every page of every door, on the demonstration year, in a real browser.

Each is read by axe in light and in dark, and looked at on a phone: no page is wider
than its screen. What a test of one page forgets, this one meets.
"""

import pytest
from django.test import Client

from tests.doors.axe import axe_violations
from tests.doors.browser import DESK, PHONE, scrolls_sideways
from tests.doors.walk import ACCOUNTS, Walker


@pytest.mark.parametrize("door", ACCOUNTS)
def test_every_page_of_a_door_is_open_to_everyone(demo_year_live, visit, door):
    from partage.people.models import User

    account = User.objects.get(email=ACCOUNTS[door])
    client = Client()
    client.force_login(account)
    found = list(Walker(client, door).readable())
    assert found

    wrong = []
    page = visit("", account)
    for name, address in found:
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(DESK)
        page.goto(address)
        wrong += [f"{name}: {one}" for one in axe_violations(page)]
        page.emulate_media(color_scheme="dark")
        wrong += [f"{name}, dark: {one}" for one in axe_violations(page)]
        page.set_viewport_size(PHONE)
        if scrolls_sideways(page):
            wrong.append(f"{name}: wider than a phone")
    assert not wrong, "\n".join(wrong)
