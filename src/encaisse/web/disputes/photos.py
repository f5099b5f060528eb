"""A photo from anywhere, made safe: read as an image, reduced, written again as JPEG."""

from io import BytesIO

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from PIL import Image, ImageOps, UnidentifiedImageError

LARGEST_BYTES = 10 * 1024 * 1024
LARGEST_PIXELS = 50_000_000
# Eight of the worst still make a pack under 10 MB, and a delivery note stays readable.
_SIDE, _QUALITY = 1400, 75


def clean_photo(uploaded: "UploadedFile[bytes]") -> bytes:
    """:raises ValidationError: too heavy, not an image of a kind we read, or absurdly large"""
    if (uploaded.size or 0) > LARGEST_BYTES:
        raise ValidationError(
            "Cette photo est trop lourde : 10 Mo au plus.", code="photo_too_large"
        )
    try:
        image = Image.open(uploaded, formats=["PNG", "JPEG"])
        if image.width * image.height > LARGEST_PIXELS:
            raise ValidationError("Cette photo est trop grande.", code="photo_too_large")
        image.draft("RGB", (_SIDE, _SIDE))
        image.thumbnail((_SIDE, _SIDE))
        # Upright, then without what the telephone wrote beside it: place, model, owner.
        upright = ImageOps.exif_transpose(image).convert("RGB")
        upright.info.clear()
        written = BytesIO()
        upright.save(written, format="JPEG", quality=_QUALITY, optimize=True)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValidationError("Cette photo est trop grande.", code="photo_too_large") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        message = "Ce fichier n’est pas une photo PNG ou JPEG lisible."
        raise ValidationError(message, code="photo_unreadable") from error
    return written.getvalue()
