"""
A real Chromium, one for each module of tests that asks for it.

Where Debian's `chromium-headless-shell` is installed it is preferred: the same engine without the
windows around it, which opens a page in an eighth of the time. Only the whole browser rings and
sends reports.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

_WHOLE = "/usr/bin/chromium"
_QUICK = shutil.which("chromium-headless-shell") or _WHOLE


@contextmanager
def browser_with(*arguments: str, is_whole: bool = False) -> Iterator[Browser]:
    """Run Chromium; meanwhile its loop is in this thread, and rows are read beside it."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(
            executable_path=_WHOLE if is_whole else _QUICK, args=["--no-sandbox", *arguments]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser_with("--disable-background-networking") as browser:
        yield browser


@pytest.fixture(scope="module")
def whole_chromium() -> Iterator[Browser]:
    with browser_with("--disable-background-networking", is_whole=True) as browser:
        yield browser
