"""What takes long begins first: a worker that starts it last works alone at the end."""

import pytest

# Each takes a minute or more of one worker.
LONG = frozenset(
    {
        "test_accessible_pages.py",
        "test_alerts_told.py",
        "test_lan.py",
        "test_living_demo.py",
        "test_logs_keep_secrets.py",
        "test_redirects.py",
        "test_restore_drill.py",
        "test_scripts.py",
        "test_stuffing.py",
        "test_supervisor.py",
        "test_twins.py",
    }
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Within the long ones, and within the others, the order stays the one drawn at random."""
    items.sort(key=lambda item: item.path.name not in LONG)
