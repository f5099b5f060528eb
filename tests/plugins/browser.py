"""A real Chromium, one for each module of tests that asks for it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

_EXECUTABLE = "/usr/bin/chromium"


@contextmanager
def browser_with(*arguments: str) -> Iterator[Browser]:
    """Run Chromium; meanwhile its loop is in this thread, and rows are read beside it."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(
            executable_path=_EXECUTABLE, args=["--no-sandbox", *arguments]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser_with("--disable-background-networking") as browser:
        yield browser
