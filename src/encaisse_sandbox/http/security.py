"""What every page is served with, and which posts are accepted."""

from urllib.parse import urlsplit

from starlette.requests import Request

from encaisse_sandbox.errors import ApiError

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
SAME_SITE = frozenset({"same-origin", "none"})


def headers(
    *form_targets: str, inline_styles: bool = False, asks_again: bool = False
) -> dict[str, str]:
    """
    Return the headers of a page.

    Browsers check `form-action` against redirects too, hence the origins a form may lead to.
    A page that asks again is one whose script asks the sandbox whether it may go on.
    """
    styles = "'self' 'unsafe-inline'" if inline_styles else "'self'"
    actions = " ".join(["'self'", *sorted({origin(target) for target in form_targets})])
    policy = {
        "default-src": "'none'",
        "style-src": styles,
        "script-src": "'self'",
        "img-src": "'self' data:",
        "form-action": actions,
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    } | ({"connect-src": "'self'"} if asks_again else {})
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }


def origin(address: str) -> str:
    """Return the scheme and host of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def check_same_origin(request: Request, public_url: str) -> None:
    """
    Accept a form only from our own pages, under a name that is really ours.

    :raises ApiError: another site sent it, or a name that was made to point here
    """
    site = request.headers.get("sec-fetch-site")
    sender = request.headers.get("origin")
    host = request.headers.get("host", "")
    if request.url.hostname not in {*LOOPBACK, urlsplit(public_url).hostname}:
        raise ApiError(403, "forbidden", "Cette adresse n’est pas celle du bac à sable.")
    if site is not None and site not in SAME_SITE:
        raise ApiError(403, "forbidden", "Ce formulaire vient d’un autre site.")
    if site is None and sender is not None and urlsplit(sender).netloc != host:
        raise ApiError(403, "forbidden", "Ce formulaire vient d’un autre site.")
