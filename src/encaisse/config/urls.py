"""Every address of the application."""

from django.urls import URLPattern, URLResolver, include, path

from encaisse.api.app import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    path("", include("encaisse.web.urls")),
]
