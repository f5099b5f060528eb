"""What the code never does: run text, start a shell, build SQL from values, invent crypto."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src/encaisse"
_SQL = re.compile(
    r"^\s*(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|SET LOCAL|ALTER|CREATE|DROP|GRANT|REVOKE|COPY)\s"
)
_RUNS_TEXT = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen", "subprocess.getoutput",
    "subprocess.getstatusoutput", "pickle.loads", "pickle.load", "marshal.loads", "yaml.load",
}  # fmt: skip
_STARTS = {"subprocess.run", "subprocess.Popen", "subprocess.call", "subprocess.check_output"}

# Statements that take names of tables and columns, which PostgreSQL cannot bind: all of our own.
_BUILT_FROM_OUR_NAMES = {
    "kit/schema.py", "kit/tenancy.py", "kit/rotation.py", "kit/bulk.py", "identity/limits.py",
}  # fmt: skip
PRIMITIVES = {
    # AES-256-GCM, HMAC, and Ed25519, by templates of Tink.
    "tink": {
        "audit/queries.py", "identity/sessions.py", "kit/crypto.py", "kit/keyring.py",
        "kit/subjects.py", "cli/backup_file.py", "cli/check_local.py", "cli/check_providers.py",
        "cli/keys.py",
    },
    "argon2": {"identity/recovery_codes.py", "kit/passphrase.py"},
    "AESGCM": {"kit/passphrase.py", "messaging/webpush.py"},
    "HKDF": {"messaging/webpush.py"},
    "Ed25519PublicKey": {"audit/signatures.py"},
    # P-256: agreements of telephones, web push, and certificates of an installation without names.
    "ec": {"kit/p256.py", "cli/certificates.py", "cli/authority.py"},
    # A certificate is read, to warn of a key that is too short: none is made.
    "RSAPublicKey": {"cli/check_public_tls.py"},
}  # fmt: skip
_OF_HAZMAT = {
    "AESGCM", "HKDF", "Ed25519PublicKey", "ec", "RSAPublicKey", "SHA256", "hashes",
    "serialization", "Encoding", "PublicFormat", "decode_dss_signature", "encode_dss_signature",
}  # fmt: skip
_HOME_MADE = {"nacl", "Crypto", "Cryptodome", "rsa", "ecdsa", "jwt", "OpenSSL"}
_WEAK = {"md5", "sha1", "new", "sha224", "ripemd160", "tripledes", "arc4", "blowfish"}
# HIBP's range protocol is defined on SHA-1: five characters of it go out, nothing is protected.
_SHA_1 = {"identity/passwords.py"}


def files() -> Iterator[str]:
    for path in sorted(SOURCE.rglob("*.py")):
        if "migrations" not in path.parts:
            yield path.relative_to(SOURCE).as_posix()


@cache
def nodes(file: str) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse((SOURCE / file).read_text(encoding="utf-8"))))


def calls(file: str) -> Iterator[tuple[str, ast.Call]]:
    for node in nodes(file):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def imported(file: str) -> Iterator[tuple[str, str]]:
    """Yield the module and the name of everything a file imports."""
    for node in nodes(file):
        if isinstance(node, ast.Import):
            yield from ((one.name, one.name.partition(".")[0]) for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", one.name) for one in node.names)


def is_built(node: ast.AST) -> bool:
    """Tell whether a text is put together from values."""
    match node:
        case ast.JoinedStr():
            return True
        case ast.BinOp(op=ast.Mod() | ast.Add(), left=ast.Constant(value=str()) | ast.JoinedStr()):
            return True
        case ast.Call(func=ast.Attribute(attr="format", value=ast.Constant())):
            return True
    return False


def text_of(node: ast.AST) -> str:
    parts = (one.value for one in ast.walk(node) if isinstance(one, ast.Constant))
    return next((part for part in parts if isinstance(part, str) and part.strip()), "")


# Payments, and a past, invented from a published seed: anyone makes the same of them.
_INVENTS = ("fraud/offline/invented.py", "cli/past/")


def test_no_text_is_run_as_code_and_no_weak_chance_is_drawn():
    found = [
        f"{file}: {name}" for file in files() for name, _call in calls(file) if name in _RUNS_TEXT
    ]
    drawn = [
        f"{file}: {module}" for file in files() for module, _name in imported(file)
        if module in {"random", "pickle"} and not file.startswith(_INVENTS)
    ]  # fmt: skip

    assert found + drawn == []


def test_programs_start_from_commands_by_lists_and_never_through_a_shell():
    shells = [
        f"{file}: {ast.unparse(call)}" for file in files() for _name, call in calls(file)
        if any(word.arg == "shell" for word in call.keywords)
    ]  # fmt: skip
    started = [
        (file, call.args[0]) for file in files() for name, call in calls(file) if name in _STARTS
    ]

    assert shells == []
    assert all(file.startswith("cli/") for file, _command in started)
    assert not any(is_built(what) or isinstance(what, ast.Constant) for _file, what in started)


def test_no_statement_is_built_from_values():
    built = [
        f"{file}: {ast.unparse(node)}" for file in files() if file not in _BUILT_FROM_OUR_NAMES
        for node in nodes(file) if is_built(node) and _SQL.match(text_of(node))
    ]  # fmt: skip
    raw = [
        f"{file}: {name}" for file in files() for name, _call in calls(file)
        if name.rpartition(".")[2] in {"extra", "raw", "RawSQL"}
    ]  # fmt: skip

    assert built + raw == []


def test_primitives_are_the_approved_ones_where_they_are_declared():
    strange = []
    for file in files():
        for module, name in imported(file):
            root = module.partition(".")[0]
            declared = name if module.startswith("cryptography.hazmat") else root
            is_unknown = module.startswith("cryptography.hazmat") and name not in _OF_HAZMAT
            is_elsewhere = file not in PRIMITIVES.get(declared, {file})
            if is_unknown or is_elsewhere or root in _HOME_MADE:
                strange.append(f"{file}: {module}.{name}")

    assert strange == []


def test_hashes_are_of_the_second_family():
    weak = [
        f"{file}: {name}" for file in files() if file not in _SHA_1
        for name in [*of_hashlib(file), *(name for _module, name in imported(file))]
        if name.lower() in _WEAK
    ]  # fmt: skip

    assert weak == []


def of_hashlib(file: str) -> Iterator[str]:
    for name, _call in calls(file):
        if name.startswith("hashlib."):
            yield name.removeprefix("hashlib.")


def test_the_walk_sees_what_it_looks_for():
    """A rule that finds nothing anywhere may be a rule that looks at nothing."""
    assert "sha1" in {name for file in _SHA_1 for name in of_hashlib(file)}
    assert {file for file in files() for name, _ in calls(file) if name in _STARTS}
    assert any(
        is_built(node) and _SQL.match(text_of(node))
        for file in _BUILT_FROM_OUR_NAMES for node in nodes(file)
    )  # fmt: skip
    assert all((SOURCE / file).exists() for places in PRIMITIVES.values() for file in places)
    assert all((SOURCE / file).exists() for file in _BUILT_FROM_OUR_NAMES | _SHA_1)


@pytest.mark.parametrize(
    "bad",
    [
        "f\"SELECT 1 FROM t WHERE name = '{name}'\"",
        '"DELETE FROM t WHERE id = %s" % key',
        '"UPDATE t SET a = " + value',
        '"SELECT {}".format(what)',
    ],
)
def test_a_statement_built_from_a_value_would_be_found(bad):
    node = ast.parse(bad).body[0].value

    assert is_built(node)
    assert _SQL.match(text_of(node))
