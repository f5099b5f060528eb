"""Each person's own dashboard: which blocks, in which order."""

from collections.abc import Sequence

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from encaisse.kit.clock import business_now
from encaisse.organizations.core import Permission
from encaisse.reporting.boards import Block, blocks_of, choose_blocks
from encaisse.web.access import MemberRequest, member_page
from encaisse.web.forms import PageForm, show_form

BLOCK_WORDS = {
    Block.RECEIVED: "Ce que vos clients ont payé",
    Block.COLLECTED: "Encaissé, jour par jour",
    Block.METHODS: "Par moyen de paiement",
    Block.REFUSALS: "Pourquoi des essais échouent",
    Block.FUNNEL: "Du lien ouvert au paiement",
    Block.RETURNED: "Ce qui est reparti",
    Block.DELAYS: "Le temps que met l’argent",
    Block.PRESENT: "En ce moment",
}
_HIDDEN = 0


class BlocksForm(PageForm):
    """A place for each block; two at the same place keep their usual order."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through untouched
        places = [(_HIDDEN, "Ne pas montrer")]
        places += [(number, f"En {number}") for number in range(1, len(Block) + 1)]
        for block, label in BLOCK_WORDS.items():
            self.fields[block.value] = forms.TypedChoiceField(
                label=label, coerce=int, choices=places
            )

    def blocks(self) -> list[Block]:
        placed = [(self.cleaned_data[block.value], block) for block in Block]
        return [block for place, block in sorted(placed, key=lambda one: one[0]) if place]


def _places(blocks: Sequence[Block]) -> dict[str, int]:
    """Return where each block stands now."""
    shown = {block: place for place, block in enumerate(blocks, 1)}
    return {block.value: shown.get(block, _HIDDEN) for block in Block}


@require_http_methods(["GET", "HEAD", "POST"])
@member_page(Permission.DASHBOARD_READ)
def show(request: MemberRequest) -> HttpResponse:
    who = {"organization_id": request.organization_id, "user_id": request.user.id}
    if request.method != "POST":
        form = BlocksForm(initial=_places(blocks_of(**who)))
        return show_form(request, "figures/blocks.html", form)
    form = BlocksForm(request.POST)

    def choose(_values: object) -> bool:
        choose_blocks(**who, blocks=form.blocks(), now=business_now())
        return True

    if form.submit(choose) is None:
        return show_form(request, "figures/blocks.html", form)
    messages.success(request, "Votre tableau de bord est rangé. Celui des autres ne change pas.")
    return redirect("dashboard")
