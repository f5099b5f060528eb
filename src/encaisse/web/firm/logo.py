"""A logo from anywhere, made safe: read as an image, reduced, written again as PNG."""

from io import BytesIO

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from PIL import Image, UnidentifiedImageError

LARGEST_BYTES = 2 * 1024 * 1024
LARGEST_PIXELS = 20_000_000
_SIDE = 512


def clean_logo(uploaded: "UploadedFile[bytes]") -> bytes:
    """:raises ValidationError: too heavy, not an image of a kind we read, or absurdly large"""
    if (uploaded.size or 0) > LARGEST_BYTES:
        raise ValidationError("Cette image est trop lourde : 2 Mo au plus.", code="logo_too_large")
    try:
        image = Image.open(uploaded, formats=["PNG", "JPEG", "WEBP"])
        if image.width * image.height > LARGEST_PIXELS:
            raise ValidationError("Cette image est trop grande.", code="logo_too_large")
        image.thumbnail((_SIDE, _SIDE))
        written = BytesIO()
        image.convert("RGBA").save(written, format="PNG", optimize=True)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValidationError("Cette image est trop grande.", code="logo_too_large") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        message = "Ce fichier n’est pas une image PNG, JPEG ou WebP lisible."
        raise ValidationError(message, code="logo_unreadable") from error
    return written.getvalue()
