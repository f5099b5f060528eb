"""Encaisse's own settings, with the probe."""

from encaisse.config.settings import *  # noqa: F403
from encaisse.config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "cli.probe"]
ROOT_URLCONF = "cli.probe.urls"
