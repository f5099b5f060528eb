"""Every address of the application."""

from django.urls import URLPattern, URLResolver, include, path

from encaisse.api.app import api
from encaisse.config import reference

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    path("api/docs", reference.page, name="api_reference"),
    path("", include("encaisse.web.urls")),
]

handler400 = "encaisse.web.errors.bad_request"
handler403 = "encaisse.web.errors.forbidden"
handler404 = "encaisse.web.errors.not_found"
handler500 = "encaisse.web.errors.broken"
