"""The cold-start model that comes with the package, held to the digest it was released with."""

from functools import cache
from importlib.resources import files

from encaisse.fraud.core.model import Model, read_model

# `encaisse fraud train` makes the same file: a test does it again. The digest stands in for a
# signature, since whoever can change this line can change the code.
SHA256 = "4de678113afbfa2574c0bac689f557958da6a9bf8095057cc7abaf3b8d69991f"
NAME = "cold_start.json"


@cache
def shipped_model() -> Model:
    """
    Return the model for firms that have no past yet.

    :raises NotAModel: the installed file is not the released one
    """
    text = files("encaisse.fraud.core").joinpath(NAME).read_text(encoding="utf-8")
    return read_model(text, trusted=SHA256)
