"""What answers leave behind in a browser: no copy, no invented name, no key of a session."""

import re

import httpx
import pytest
from django.conf import settings
from django.urls import reverse

from attacks.walk import addresses, operations
from encaisse.kit.clock import business_now
from encaisse.kit.files import store_file
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.handles import HandleKind, issue_handle
from encaisse.organizations.services import set_logo
from factories.invoicing import make_invoice
from factories.payments import PayableFirm
from functional.test_api import Program
from functional.web_people import cookie_of

_OURS = re.compile(r'(?:inline|attachment); filename="[A-Za-z0-9._-]+"')
# The colours and the logo of a firm, which payers may see again.
_SHARED = {"payer_logo", "payer_style", "quote_logo", "quote_style"}
