"""Answering with a stored file."""

from uuid import UUID

from django.http import HttpResponse

from encaisse.kit.files import read_file


def file_answer(
    *, organization_id: UUID, file_id: UUID, is_kept: bool, name: str = ""
) -> HttpResponse:
    """
    Return a stored file, to keep or to look at, under its own name unless another is given.

    :raises NotFound: no such file in this organization
    """
    stored, content = read_file(organization_id=organization_id, file_id=file_id)
    response = HttpResponse(content, content_type=stored.media_type)
    way = "attachment" if is_kept else "inline"
    response["Content-Disposition"] = f'{way}; filename="{name or stored.name}"'
    return response
