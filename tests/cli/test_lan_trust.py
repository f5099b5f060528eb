"""Where a demonstration may be shown, and what the authority made up for it can vouch for."""

import ipaddress
import socket
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from encaisse.cli import private_address
from encaisse.cli.authority import LIFE, authority_for, fingerprint
from encaisse.cli.private_address import (
    LanAddressAbsent,
    LanAddressRefused,
    LanAddressUnknown,
    checked,
    chosen_address,
    only_one,
    ways_out,
)

# Of this machine only, whatever network it is on.
HERE = ipaddress.ip_address("127.0.0.2")


class TestTheAuthority:
    def test_can_only_name_the_address_it_was_made_for(self, tmp_path):
        found = authority_for(tmp_path, HERE)
        authority = x509.load_pem_x509_certificate(found.authority.read_bytes())

        limits = authority.extensions.get_extension_for_class(x509.NameConstraints)
        basic = authority.extensions.get_extension_for_class(x509.BasicConstraints)

        assert limits.critical
        assert limits.value.permitted_subtrees == [
            x509.IPAddress(ipaddress.ip_network("127.0.0.2/32")),
            x509.DNSName("invalid"),
        ]
        assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, 0)
        assert authority.not_valid_after_utc - datetime.now(UTC) <= LIFE

    @pytest.mark.parametrize(
        ("name", "is_believed"),
        [("127.0.0.2", True), ("127.0.0.3", False), ("ma-banque.example", False)],
    )
    def test_vouches_in_vain_for_any_other_name(self, tmp_path, monkeypatch, name, is_believed):
        # Its key is never kept: here it is caught as it is made, as a thief would have had to.
        made = []
        generate = ec.generate_private_key
        monkeypatch.setattr(
            ec, "generate_private_key", lambda curve: made.append(generate(curve)) or made[-1]
        )
        found = authority_for(tmp_path, HERE)
        forged = forge(tmp_path, found.authority, made[0], name)

        assert handshake(found.authority, forged, name) is is_believed

    def test_is_kept_until_another_address_is_wanted(self, tmp_path):
        first = fingerprint(authority_for(tmp_path, HERE).authority)

        again = fingerprint(authority_for(tmp_path, HERE).authority)
        other = fingerprint(authority_for(tmp_path, ipaddress.ip_address("10.0.0.7")).authority)

        assert first == again != other

    def test_is_made_again_when_its_key_is_of_another_making(self, tmp_path):
        found = authority_for(tmp_path, HERE)
        other = tmp_path / "autre"
        other.mkdir()
        found.served.key.write_bytes(authority_for(other, HERE).served.key.read_bytes())

        authority_for(tmp_path, HERE)

        assert handshake(found.authority, tmp_path, str(HERE), names=("lan.crt", "lan.key"))

    def test_is_made_again_when_a_start_was_cut_short(self, tmp_path):
        found = authority_for(tmp_path, HERE)
        before = fingerprint(found.authority)
        found.authority.unlink()

        assert fingerprint(authority_for(tmp_path, HERE).authority) != before
        assert handshake(found.authority, tmp_path, str(HERE), names=("lan.crt", "lan.key"))


class TestTheAddress:
    @pytest.mark.parametrize(
        "text",
        ["10.0.0.7", "172.31.255.1", "192.168.1.12", "169.254.3.4", "fd12:3456::1", "127.0.0.2"],
    )
    def test_is_private(self, text):
        assert str(checked(text)) == text

    @pytest.mark.parametrize(
        "text",
        [
            "8.8.8.8", "0.0.0.0", "172.32.0.1", "192.0.2.2", "100.64.0.1", "203.0.113.9",  # noqa: S104  never bound
            "127.0.0.1", "::1", "::", "2001:db8::1", "::ffff:8.8.8.8", "224.0.0.1",
            "255.255.255.255", "localhost", "exemple.fr", "192.168.1.12:80", "192.168.1.0/24",
        ],
    )  # fmt: skip
    def test_is_never_public_nor_a_name(self, text):
        with pytest.raises(LanAddressRefused) as refused:
            checked(text)

        assert refused.value.code == "lan_address_refused"

    def test_is_found_when_there_is_only_one(self):
        addresses = [ipaddress.ip_address(each) for each in ("192.168.1.12", "203.0.113.9")]

        assert only_one([*addresses, addresses[0]]) == addresses[0]

    @pytest.mark.parametrize(
        ("found", "says"),
        [((), "Aucune"), (("127.0.0.2",), "Aucune"), (("10.0.0.7", "192.168.1.12"), "Plusieurs")],
    )
    def test_is_asked_for_when_none_or_several_are_found(self, found, says):
        with pytest.raises(LanAddressUnknown, match=says) as unknown:
            only_one([ipaddress.ip_address(each) for each in found])

        assert "LAN=192.168.1.12" in str(unknown.value)

    def test_is_this_machine_s(self):
        assert [str(each) for each in ways_out(["127.0.0.2"])] in (["127.0.0.1"], ["127.0.0.2"])
        with pytest.raises(LanAddressAbsent):
            chosen_address("10.255.254.253")

    def test_is_looked_for_without_sending_anything(self):
        assert all(
            ipaddress.ip_address(target) in ipaddress.ip_network("192.0.2.0/24")
            or any(ipaddress.ip_address(target) in each for each in private_address._PRIVATE)
            for target in private_address._TARGETS
        )

    @pytest.mark.parametrize("given", [["--lan", "8.8.8.8"], ["LAN=8.8.8.8"]])
    def test_stops_the_command_when_it_is_public(self, encaisse, free_port, given):
        environment = dict(each.split("=") for each in given if "=" in each)
        options = [each for each in given if "=" not in each]

        answer = encaisse.run("demo", "--port", str(free_port), *options, **environment)

        assert answer.returncode == 2
        assert "8.8.8.8 n’est pas une adresse privée" in answer.stderr
        assert not encaisse.data.exists()

    def test_contradicts_a_public_one(self, encaisse, free_port):
        answer = encaisse.run(
            "demo", "--port", str(free_port), LAN="127.0.0.2",
            ENCAISSE_PUBLIC_URL="http://localhost:9000",
        )  # fmt: skip

        assert answer.returncode == 2
        assert "ENCAISSE_PUBLIC_URL" in answer.stderr

    def test_says_when_somebody_listens_there(self, encaisse, free_port):
        with socket.create_server((str(HERE), free_port + 1)):
            answer = encaisse.run("demo", "--port", str(free_port), "--lan", str(HERE))

        assert answer.returncode == 1
        assert f"{free_port + 1} de {HERE}" in answer.stderr


def forge(folder, authority, key, name):
    """Write a certificate for another name, signed by the authority's own key."""
    issuer = x509.load_pem_x509_certificate(authority.read_bytes())
    own = ec.generate_private_key(ec.SECP256R1())
    try:
        alternative = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        alternative = x509.DNSName(name)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(issuer.subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(minutes=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "forged.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "forged.key").write_bytes(
        own.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder


def handshake(authority, folder, name, names=("forged.crt", "forged.key")):
    """Tell whether a client that believes the authority accepts what is served under this name."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(folder / names[0], folder / names[1])
    asking = ssl.create_default_context(cafile=authority)
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = asking.wrap_bio(to_client, to_server, server_hostname=name)
    server = serving.wrap_bio(to_server, to_client, server_side=True)
    for _turn in range(4):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError:
                return False
    return client.version() is not None
