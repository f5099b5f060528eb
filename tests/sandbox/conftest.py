"""One sandbox per test worker; each test brings its own merchant."""

import pytest

from sandbox.harness import Browser, Sandbox, receiver


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory):
    running = Sandbox(tmp_path_factory.mktemp("sandbox")).start()
    yield running
    running.close()


@pytest.fixture
def own_sandbox(tmp_path):
    """A sandbox that the test may kill."""
    running = Sandbox(tmp_path).start()
    yield running
    running.close()


@pytest.fixture
def merchant(sandbox):
    return sandbox.merchant()


@pytest.fixture
def listener():
    with receiver() as one:
        yield one


@pytest.fixture
def notified_merchant(sandbox, listener):
    """A merchant whose events go to the listener."""
    return sandbox.merchant(webhook_url=listener.url)


@pytest.fixture
def browser(sandbox):
    one = Browser(sandbox)
    yield one
    one.close()
