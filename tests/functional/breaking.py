"""The real addresses, and one more page that breaks: for tests of what is then said, only."""

from django.urls import include, path

from encaisse.config.urls import handler400, handler403, handler404, handler500
from encaisse.web.access import public

__all__ = ["handler400", "handler403", "handler404", "handler500"]
SECRET_CAUSE = "the meter of the boiler reads minus four"


@public("a page of the tests")
def break_down(_request):
    raise ZeroDivisionError(SECRET_CAUSE)


urlpatterns = [path("casse/", break_down), path("", include("encaisse.config.urls"))]
