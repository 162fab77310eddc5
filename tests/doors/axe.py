"""What axe finds wrong on a page, said so that it can be mended."""

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parent / "vendor" / "axe-4.14.1.min.js"


@cache
def _script() -> str:
    return AXE.read_text()


def axe_violations(page: Page, within: str | None = None) -> list[str]:
    """Return one paragraph for each rule broken on the page, or inside a selector."""
    # Without its stylesheet, a page is judged by the colours of the browser.
    page.wait_for_load_state()
    page.evaluate(_script())
    found = page.evaluate(
        "within => axe.run(within || document, {resultTypes: ['violations']})", within
    )
    return [
        "\n".join(
            [
                f"{rule['id']} ({rule['impact']}): {rule['help']}",
                *(
                    f"    {node['html'][:200]}\n"
                    f"      {node['failureSummary'].replace(chr(10), ' ')}"
                    for node in rule["nodes"][:5]
                ),
            ]
        )
        for rule in found["violations"]
    ]


def assert_no_axe_violations(page: Page, within: str | None = None) -> None:
    broken = axe_violations(page, within)
    assert not broken, f"{page.url} keeps people out:\n" + "\n".join(broken)
