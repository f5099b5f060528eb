"""Identifiers: random object ids, French IBANs with true check digits, Luhn numbers."""

import secrets

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SANDBOX_BANK_CODE = "99999"
SANDBOX_BRANCH_CODE = "00001"
SANDBOX_BIC = "SABXFRP0XXX"


def new_id(prefix: str) -> str:
    """Return an unguessable identifier such as pay_8f3c…."""
    return f"{prefix}_{secrets.token_hex(12)}"


def new_token() -> str:
    """Return an unguessable part of an address."""
    return secrets.token_urlsafe(24)


def readable_code(length: int) -> str:
    """Return random letters and digits that are not mistaken for one another."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def one_time_code() -> str:
    """Return six random digits."""
    return f"{secrets.randbelow(1_000_000):06d}"


def new_french_iban() -> str:
    """Return a random IBAN at the sandbox's bank, with valid key and check digits."""
    account_number = f"{secrets.randbelow(10**11):011d}"
    return french_iban(SANDBOX_BANK_CODE, SANDBOX_BRANCH_CODE, account_number)


def french_iban(bank_code: str, branch_code: str, account_number: str) -> str:
    """Return the IBAN of an all-digit French account number (RIB key, then ISO 7064)."""
    weighted = 89 * int(bank_code) + 15 * int(branch_code) + 3 * int(account_number)
    key = 97 - weighted % 97
    bban = f"{bank_code}{branch_code}{account_number}{key:02d}"
    return f"FR{_check_digits('FR', bban)}{bban}"


def is_iban(text: str) -> bool:
    """Tell whether the text is a well-formed IBAN whose check digits agree."""
    if not (15 <= len(text) <= 34 and text.isascii() and text.isalnum() and text[:2].isalpha()):
        return False
    return text[2:4] == _check_digits(text[:2], text[4:])


def _check_digits(country: str, bban: str) -> str:
    digits = "".join(str(int(character, 36)) for character in f"{bban}{country}00")
    return f"{98 - int(digits) % 97:02d}"


def passes_luhn(number: str) -> bool:
    """Tell whether a card number's check digit agrees."""
    if not (12 <= len(number) <= 19 and number.isascii() and number.isdigit()):
        return False
    doubled = (
        int(digit) if index % 2 == 0 else sum(divmod(2 * int(digit), 10))
        for index, digit in enumerate(reversed(number))
    )
    return sum(doubled) % 10 == 0
