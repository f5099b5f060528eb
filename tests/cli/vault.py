"""A database of its own, filled with sealed values, and the file of the keys that seal them."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import tink
from psycopg.types.json import Jsonb
from tink import aead

from encaisse.cli.backup_database import drop_database
from encaisse.identity.adapter import FACTOR_PLACE
from encaisse.identity.models import session_place
from encaisse.identity.sessions import stored_key
from encaisse.kit import crypto
from encaisse.kit.crypto import Place, seal
from encaisse.kit.subjects import context_of
from encaisse.treasury.services.accounts import index_of_iban
from plugins.postgres import clone_database

IBAN = "FR7630006000011234567890189"
SECRET = "JBSWY3DPEHPK3PXP"


class Vault:
    """One firm's sealed values in a cloned database; this process has the keys of the file too."""

    def __init__(self, folder: Path, settings) -> None:
        self.firm = uuid4()
        self.name = f"vault_{uuid4().hex[:12]}"
        self.urls = clone_database(self.name)
        self.keyset = folder / "keyset.json"
        crypto.create_keyset_file(self.keyset)
        settings.ENCAISSE_KEYSET, settings.ENCAISSE_KEYSET_FILE = "", self.keyset
        self.environment = {
            "ENCAISSE_DATABASE_URL": self.urls["default"],
            "ENCAISSE_OWNER_DATABASE_URL": self.urls["owner"],
            "ENCAISSE_KEYSET_FILE": str(self.keyset),
        }

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.urls["owner"], autocommit=True)

    def drop(self) -> None:
        drop_database(self.urls["owner"], self.name)

    def fill(self, customers: int = 1200) -> None:
        with self.connect() as connection, connection.transaction():
            self._fill_customers(connection, customers)
            self._fill_the_rest(connection)

    def add_customer(self, connection: psycopg.Connection, row_id: UUID, phone: str) -> None:
        place = Place("counterparties_counterparty", "phone", row_id, self.firm)
        connection.execute(_CUSTOMER, [row_id, self.firm, row_id.hex[-12:], seal(phone, place)])

    def phones(self) -> dict[UUID, str]:
        with self.connect() as connection:
            rows = connection.execute(
                "SELECT id, phone_sealed FROM counterparties_counterparty "
                "WHERE organization_id = %s",
                [self.firm],
            ).fetchall()
        return {
            row_id: crypto.unseal(
                sealed, Place("counterparties_counterparty", "phone", row_id, self.firm)
            )
            for row_id, sealed in rows
        }

    def read_the_rest(self) -> dict[str, str]:
        """Return what the other kinds of sealed columns say once opened."""
        with self.connect() as connection:
            account, iban, index = connection.execute(
                "SELECT id, iban_sealed, iban_index FROM treasury_bankaccount"
            ).fetchone()
            event, body = connection.execute(
                "SELECT id, body_sealed FROM providers_inboundevent"
            ).fetchone()
            [wrapped] = connection.execute("SELECT wrapped FROM kit_subjectkey").fetchone()
            [data] = connection.execute("SELECT data FROM mfa_authenticator").fetchone()
            key, visit = connection.execute(
                "SELECT session_key, session_data FROM identity_session"
            ).fetchone()
        opener = crypto.unwrap(bytes(wrapped), context_of(self.firm, "files"))
        return {
            "iban": crypto.unseal(iban, Place("treasury_bankaccount", "iban", account, self.firm)),
            "index": _found_by(bytes(index)),
            "event": crypto.unseal(body, Place("providers_inboundevent", "body", event, self.firm)),
            "file": opener.decrypt(self.file, b"file").decode(),
            "factor": crypto.unseal(urlsafe_b64decode(data["secret"]), FACTOR_PLACE),
            "other": data["other"],
            "visit": crypto.unseal(visit, session_place(key, "session_data")),
        }

    def _fill_customers(self, connection: psycopg.Connection, count: int) -> None:
        names = (
            "id, organization_id, code, name, search_key, is_professional, siren, email, "
            "phone_sealed, street, postal_code, city, country, language, created_at"
        )
        with connection.cursor().copy(
            f"COPY counterparties_counterparty ({names}) FROM STDIN"
        ) as copy:
            for number in range(count):
                row_id = uuid4()
                place = Place("counterparties_counterparty", "phone", row_id, self.firm)
                copy.write_row(
                    [
                        row_id, self.firm, f"C{number:05d}", "x", "x", False, "", "",
                        seal(f"06 {number}", place), "", "", "", "FR", "fr", datetime.now(UTC),
                    ]
                )  # fmt: skip

    def _fill_the_rest(self, connection: psycopg.Connection) -> None:
        self._fill_account(connection)
        self._fill_provider(connection)
        self._fill_file(connection)
        self._fill_person(connection)

    def _fill_account(self, connection: psycopg.Connection) -> None:
        account = uuid4()
        connection.execute(
            "INSERT INTO treasury_bankaccount (id, organization_id, iban_sealed, iban_index, "
            "iban_masked, holder_sealed, currency, is_collecting, created_at) "
            "VALUES (%s, %s, %s, %s, 'FR76', %s, 'EUR', false, now())",
            [
                account, self.firm,
                seal(IBAN, Place("treasury_bankaccount", "iban", account, self.firm)),
                index_of_iban(IBAN),
                seal("Nadia", Place("treasury_bankaccount", "holder", account, self.firm)),
            ],
        )  # fmt: skip

    def _fill_provider(self, connection: psycopg.Connection) -> None:
        event, link = uuid4(), uuid4()
        connection.execute(
            "INSERT INTO providers_connection (id, organization_id, provider, state, account_id, "
            "display_name, checkout_host, currency, credentials_sealed, webhook_endpoint_id, "
            "pci_certificate_url, created_at) "
            "VALUES (%s, %s, 'sandbox', 'active', '', '', '', 'EUR', %s, '', '', now())",
            [
                link, self.firm,
                seal("key", Place("providers_connection", "credentials", link, self.firm)),
            ],
        )  # fmt: skip
        connection.execute(
            "INSERT INTO providers_inboundevent (id, organization_id, connection_id, external_id, "
            "kind, object_kind, object_id, body_sealed, created_at) "
            "VALUES (%s, %s, %s, 'e', 'k', 'payment', 'o', %s, now())",
            [
                event, self.firm, link,
                seal("body", Place("providers_inboundevent", "body", event, self.firm)),
            ],
        )  # fmt: skip

    def _fill_file(self, connection: psycopg.Connection) -> None:
        handle = tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM)
        self.file = handle.primitive(aead.Aead).encrypt(b"content", b"file")
        connection.execute(
            "INSERT INTO kit_subjectkey (id, organization_id, subject, wrapped, created_at) "
            "VALUES (%s, %s, 'files', %s, now())",
            [uuid4(), self.firm, crypto.wrap(handle, context_of(self.firm, "files"))],
        )

    def _fill_person(self, connection: psycopg.Connection) -> None:
        user = uuid4()
        connection.execute(
            "INSERT INTO identity_user "
            "(id, password, email, full_name, is_active, must_enrol, date_joined) "
            "VALUES (%s, '', %s, '', true, false, now())",
            [user, f"{user}@example.test"],
        )
        secret = urlsafe_b64encode(seal(SECRET, FACTOR_PLACE)).decode()
        connection.execute(
            "INSERT INTO mfa_authenticator (user_id, type, data, created_at) "
            "VALUES (%s, 'totp', %s, now())",
            [
                user,
                Jsonb({"secret": secret, "other": "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="}),
            ],
        )
        stored = stored_key("cookie")
        visit = seal(json.dumps({"a": 1}), session_place(stored, "session_data"))
        connection.execute(
            "INSERT INTO identity_session "
            "(session_key, session_data, expire_date, agent, country, idle_seconds) "
            "VALUES (%s, %s, now() + interval '1 day', '', '', 0)",
            [stored, visit],
        )


def _found_by(index: bytes) -> str:
    if index == index_of_iban(IBAN):
        return "found"
    return "former" if index in crypto.blind_indexes(IBAN, purpose="iban") else "lost"


REST = {
    "iban": IBAN, "index": "found", "event": "body", "file": "content", "factor": SECRET,
    "other": "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=", "visit": '{"a": 1}',
}  # fmt: skip
_CUSTOMER = (
    "INSERT INTO counterparties_counterparty (id, organization_id, code, name, search_key, "
    "is_professional, siren, email, phone_sealed, street, postal_code, city, country, language, "
    "created_at) VALUES (%s, %s, %s, 'x', 'x', false, '', '', %s, '', '', '', 'FR', 'fr', now())"
)
