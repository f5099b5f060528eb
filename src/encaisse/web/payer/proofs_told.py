"""What the page of proofs says of each: its value, its date, and what it rests on. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from encaisse.kernel.language import Language
from encaisse.reporting.proofs import CardProof, FundsProof, Proofs, RestoreProof, TlsProof
from encaisse.web.payer.proof_words import ProofWords
from encaisse.web.payer.words import Words

_HOURS_A_DAY = 24


@dataclass(frozen=True, slots=True)
class Told:
    """One proof in words. `state` is ok, over or missing; `link` leads to what is outside."""

    title: str
    state: str
    value: str = ""
    note: str = ""
    when: str = ""
    link: str = ""
    link_label: str = ""
    rows_title: str = ""
    rows: Sequence[tuple[str, str]] = ()
    after: str = ""


def tell(proofs: Proofs, *, firm: str, words: Words, said: ProofWords) -> list[Told]:
    """Return the four proofs in the order a payer cares for them."""
    return [
        _funds(proofs.funds, firm, words, said) or Told(said.funds_title, "missing"),
        _cards(proofs.cards, words, said) or Told(said.cards_title, "missing"),
        _tls(proofs.tls, words, said) or Told(said.tls_title, "missing"),
        _restore(proofs.restore, words, said) or Told(said.restore_title, "missing"),
    ]


def _funds(proof: FundsProof | None, firm: str, words: Words, said: ProofWords) -> Told | None:
    if proof is None:
        return None
    first, last = words.day(proof.period.first), words.day(proof.period.last)
    return Told(
        said.funds_title,
        "ok",
        value=_delay(proof.median_hours, said),
        note=said.funds_note.format(firm=firm),
        when=said.funds_when.format(first=first, last=last),
        rows_title=said.funds_table,
        rows=[
            (_delay(hours, said), words.language.rate(round(share * 100) * 100))
            for hours, share in proof.shares.items()
        ],
    )


def _cards(proof: CardProof | None, words: Words, said: ProofWords) -> Told | None:
    if proof is None:
        return None
    when = said.cards_over if proof.is_over else said.cards_when
    return Told(
        said.cards_title,
        "over" if proof.is_over else "ok",
        value=said.cards_value,
        note=said.cards_note.format(provider=proof.provider),
        when=when.format(day=words.day(proof.attested_on), until=words.day(proof.expires_on)),
        link=proof.url,
        link_label=said.cards_see,
    )


def _tls(proof: TlsProof | None, words: Words, said: ProofWords) -> Told | None:
    if proof is None:
        return None
    return Told(
        said.tls_title,
        "over" if proof.is_over else "ok",
        value=proof.grade,
        note=said.tls_note.format(address=proof.address),
        when=_measured(words.day(proof.measured_on), is_over=proof.is_over, said=said),
        rows_title=said.tls_see,
        rows=[
            (sentence if words.language is Language.FRENCH else name, said.statuses[status])
            for name, status, sentence in proof.checks
        ],
        after=said.tls_again.format(address=proof.address),
    )


def _restore(proof: RestoreProof | None, words: Words, said: ProofWords) -> Told | None:
    if proof is None:
        return None
    return Told(
        said.restore_title,
        "over" if proof.is_over else "ok",
        value=said.restore_value.format(seconds=max(1, round(proof.seconds))),
        note=said.restore_note,
        when=_measured(words.day(proof.measured_on), is_over=proof.is_over, said=said),
    )


def _measured(day: str, *, is_over: bool, said: ProofWords) -> str:
    return (said.over if is_over else said.measured).format(day=day)


def _delay(hours: int, said: ProofWords) -> str:
    days = hours // _HOURS_A_DAY
    return {0: said.same_day, 1: said.one_day}.get(days, said.some_days.format(days=days))
