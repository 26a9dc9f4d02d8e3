"""A real browser, headless Chromium: pages with what they say on the console and ask of the network."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

DRIVERS = ("playwright", "axe_playwright_python")
NEEDED = {
    "Chromium, e.g. apt-get install chromium": CHROMIUM is not None,
    "the extra test, for playwright and axe-playwright-python": all(map(find_spec, DRIVERS)),
}
MISSING = [what for what, there in NEEDED.items() if not there]

needs_chromium = pytest.mark.skipif(
    bool(MISSING), reason=f"NO BROWSER: no page was opened in one; install {' and '.join(MISSING)}"
)


@dataclass(frozen=True)
class Opened:
    """An open page."""

    page: Any
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@contextmanager
def launched() -> Iterator[Callable[..., AbstractContextManager[Opened]]]:
    """A browser: call it with an address, and with options of a context such as ``java_script_enabled``."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)

        @contextmanager
        def opened(address: str, **options: Any) -> Iterator[Opened]:
            context = browser.new_context(**options)
            found = Opened(context.new_page())
            found.page.on("console", lambda message: found.console.append(message.text))
            found.page.on("pageerror", lambda error: found.console.append(str(error)))
            found.page.on("request", lambda request: found.requests.append(request.url))
            found.page.goto(address)
            yield found
            context.close()

        yield opened
        browser.close()
