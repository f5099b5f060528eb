from datetime import date

import pytest

from encaisse.fraud.core.list_files import (
    LARGEST_BYTES,
    MOST_LINES,
    FileEntry,
    ListFileUnreadable,
    read_list,
)
from encaisse.fraud.core.lists import (
    ListedKind,
    ListedValueInvalid,
    ListKind,
    normal_value,
    plain_phone,
)

TABLE = (
    "\ufeffliste;genre;valeur;raison;jusqu’au\r\n"
    "allow;email;A@B.fr;Impayé;2027-01-31\r\n\r\nblock;country;us;;\r\n"
)


class TestReadList:
    def test_reads_the_table_that_was_exported(self):
        assert read_list(TABLE.encode()) == [
            FileEntry(ListedKind.EMAIL, "a@b.fr", "Impayé", ListKind.ALLOW, date(2027, 1, 31)),
            FileEntry(ListedKind.COUNTRY, "US", "Importé d’un fichier.", ListKind.BLOCK),
        ]

    def test_reads_a_netset_without_its_remarks_each_value_once(self):
        found = read_list(b"# liste\n\n192.0.2.0/24 # bureau\n192.0.2.9/24\n2001:db8::1\n")

        assert [(one.subject, one.value) for one in found] == [
            (ListedKind.NETWORK, "192.0.2.0/24"),
            (ListedKind.ADDRESS, "2001:db8::1"),
        ]

    @pytest.mark.parametrize(
        "content",
        [
            b"", b"\n# rien\n", b"\xff\xfe", b"x" * (LARGEST_BYTES + 1),
            b"genre;valeur\nemail;" + b"x" * 200_000, b"liste;genre;valeur\nlune;country;US\n",
            b"genre;valeur\nlune;x\n", b"genre;raison\nemail;sans valeur\n",
            b"\n".join(b"192.0.2.1" for _ in range(MOST_LINES + 1)),
        ],
    )  # fmt: skip
    def test_refuses_a_file_it_cannot_read_whole(self, content):
        with pytest.raises(ListFileUnreadable):
            read_list(content)

    def test_names_the_value_that_is_none(self):
        with pytest.raises(ListedValueInvalid, match="pas un réseau"):
            read_list("192.0.2.1\npas un réseau\n".encode())


class TestATelephone:
    @pytest.mark.parametrize(
        "typed",
        [
            "06 12 34 56 78",
            "0612345678",
            "+33 6 12 34 56 78",
            "0033612345678",
            "+33 (0)6.12.34.56.78",
        ],
    )  # fmt: skip
    def test_is_the_same_however_it_is_typed(self, typed):
        assert normal_value(ListedKind.PHONE, typed) == "+33612345678"

    @pytest.mark.parametrize("typed", ["", "12", "06 12 34 56", "jean@exemple.fr", "+0612345678"])
    def test_is_nothing_else(self, typed):
        assert plain_phone(typed) == ""
