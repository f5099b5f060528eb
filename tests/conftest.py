"""What every test may use."""

import os
import sys

# The tests start hundreds of programs: each would compile again all it imports, for seconds.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

pytest_plugins = [
    "plugins.authorities",
    "plugins.secrets",
    "plugins.postgres",
    "plugins.world",
    "plugins.limits",
    "plugins.clients",
    "plugins.memory",
    "plugins.order",
    "plugins.browser",
]
