"""What every test may use."""

pytest_plugins = [
    "plugins.secrets",
    "plugins.postgres",
    "plugins.world",
    "plugins.limits",
    "plugins.browser",
]
