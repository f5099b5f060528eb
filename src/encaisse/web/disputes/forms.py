"""What a merchant adds to the evidence, and the confirmation."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from encaisse.payments.services.answers import LARGEST_STATEMENT, MOST_PHOTOS
from encaisse.web.disputes.photos import clean_photo
from encaisse.web.forms import PageForm


class _Photos(forms.ClearableFileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Several photos at once, each made safe."""

    widget = _Photos(attrs={"accept": "image/png,image/jpeg", "multiple": True})

    def clean(self, data: Any, initial: Any = None) -> Any:
        given = data if isinstance(data, list | tuple) else [data]
        files = [super(PhotosField, self).clean(one, initial) for one in given if one]
        if len(files) > MOST_PHOTOS:
            raise ValidationError(f"{MOST_PHOTOS} photos au plus.", code="too_many_photos")
        return [clean_photo(one) for one in files]


class StageForm(PageForm):
    """What happened, in the merchant's words, with photos."""

    fields_of_codes: ClassVar = {"too_many_photos": "photos", "invalid": "statement"}

    statement = forms.CharField(
        label="Ce qui s’est passé",
        max_length=LARGEST_STATEMENT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Des faits et des dates, dans l’ordre. La banque ne connaît pas votre métier.",
    )
    photos = PhotosField(
        label="Bon de livraison, rapport d’intervention, photos",
        required=False,
        help_text=f"PNG ou JPEG, 10 Mo chacune, {MOST_PHOTOS} au plus. Photographiez les papiers.",
    )


class ConfirmForm(PageForm):
    """Which state of the evidence was read before it is sent."""

    staged_at = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def clean_staged_at(self) -> datetime | None:
        text = self.cleaned_data["staged_at"]
        try:
            return datetime.fromisoformat(text) if text else None
        except ValueError as error:
            raise ValidationError("Relisez le dossier d’abord.", code="unreadable") from error
