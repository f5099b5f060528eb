"""What every test may use."""

pytest_plugins = ["plugins.postgres"]
