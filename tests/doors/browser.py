"""A real Chromium for the tests: who visits, in which language, on what screen.

`visit` opens a page as someone; `page` is a page of nobody, in French, on a desk.
A test fails at its end if the browser had anything to complain of: an error in the
console, a breach of the content security policy, a call to another machine.
"""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
# What is awaited comes when it comes: a busy machine is no fault of the page.
expect.set_options(timeout=20_000)
# Sending a wrong form or a refused act is no fault of the page.
EXPECTED = "the server responded with a status of 4"


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    # Playwright's synchronous face keeps an event loop in this thread until it
    # stops; Django sees the loop and would refuse the database to every test after.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as running:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    found = os.environ.get("PARTAGE_CHROMIUM") or next(
        (path for name in names if (path := shutil.which(name))), None
    )
    if not found:
        pytest.skip("No Chromium on the PATH; install it, or set PARTAGE_CHROMIUM")
    quiet = [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    if os.geteuid() == 0:
        quiet.append("--no-sandbox")
    opened = playwright.chromium.launch(executable_path=found, args=quiet)
    yield opened
    opened.close()


Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, live_server) -> Iterator[Visit]:
    """Open pages: `visit("/compte/login/", user, language="en", dark=True)`."""
    contexts = []
    complaints: list[str] = []

    def stay_home(route) -> None:
        if route.request.url.startswith((live_server.url, "data:")):
            route.continue_()
        else:
            complaints.append(f"called {route.request.url}")
            route.abort()

    def listen(message) -> None:
        if message.type == "error" and EXPECTED not in message.text:
            complaints.append(message.text)

    def opened(
        address: str = "",
        user=None,
        *,
        language: str = "fr",
        dark: bool = False,
        phone: bool = False,
        reduced_motion: bool = True,
    ) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            locale=f"{language}-CA",
            timezone_id=settings.TIME_ZONE,
            color_scheme="dark" if dark else "light",
            viewport=PHONE if phone else DESK,
            has_touch=phone,
            reduced_motion="reduce" if reduced_motion else "no-preference",
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        context.route("**/*", stay_home)
        cookies = [{"name": settings.LANGUAGE_COOKIE_NAME, "value": f"{language}-ca"}]
        if user is not None:
            client = Client()
            client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
            name = settings.SESSION_COOKIE_NAME
            cookies.append({"name": name, "value": client.cookies[name].value})
        context.add_cookies([{**one, "url": live_server.url} for one in cookies])
        page = context.new_page()
        page.on("console", listen)
        page.on("pageerror", lambda problem: complaints.append(str(problem)))
        if address:
            page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints, "The browser complained:\n" + "\n".join(complaints)


@pytest.fixture
def page(visit: Visit) -> Page:
    """A page of nobody, in French, on a desk."""
    return visit()


def scrolls_sideways(page: Page) -> bool:
    """Say whether the page is wider than the screen."""
    return page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
