"""What a site answers once connected: promises of HTTPS, headers, cookies, where things load."""

import http.client
import ipaddress
import re
import ssl
from dataclasses import dataclass
from email.message import Message
from urllib.parse import urljoin, urlsplit

from encaisse.cli.check_public_tls import Target
from encaisse.cli.errors import CommandFailed
from encaisse.cli.public_findings import Grade, Graded, bad, good, poor

_TIMEOUT_SECONDS = 10.0
_MOST_REDIRECTS = 5
_LARGEST_PAGE = 2_000_000
_HALF_A_YEAR_SECONDS = 15_552_000
_IN_CLEAR = re.compile(
    r"<(?!a\b)[a-z][^>]*\b(?:src|href|action|data|poster|srcset)\s*=\s*[\"']?(http://[^\s\"'>]+)"
    r"|url\(\s*[\"']?(http://[^\s\"')]+)",
    re.IGNORECASE,
)
_CADDY = "Encaisse l’envoie de lui-même : vérifiez que le serveur placé devant ne l’ôte pas."


@dataclass(frozen=True, slots=True)
class Visit:
    """The last page reached on the site, and the cookies given on the way."""

    headers: Message
    page: str
    cookies: tuple[str, ...]
    leaves_for: str | None


def visit(target: Target) -> Visit:
    """
    Open the home page and follow its redirects, on this site only.

    :raises CommandFailed: it does not answer in HTTP
    """
    path, elsewhere = "/", None
    cookies: list[str] = []
    origin = f"https://{target.host}:{target.port}"
    for _ in range(_MOST_REDIRECTS):
        headers, page = _get(target, path, cookies)
        cookies += headers.get_all("Set-Cookie") or []
        to = urlsplit(urljoin(origin + path, headers.get("Location", "")))
        if "Location" not in headers:
            break
        if (to.scheme, to.hostname, to.port or 443) != ("https", target.host, target.port):
            elsewhere = f"{to.scheme}://{to.netloc}"
            break
        path = f"{to.path or '/'}{'?' + to.query if to.query else ''}"
    return Visit(headers, page, tuple(cookies), elsewhere)


def check_home(found: Visit) -> Graded:
    if found.leaves_for is None:
        return good("home", "La page d’accueil répond sans quitter le site.")
    message = f"La page d’accueil renvoie vers {found.leaves_for}."
    cure = "ENCAISSE_PUBLIC_URL est-elle l’adresse que vous vérifiez ?"
    return bad("home", Grade.C, message, cure=cure)


def check_hsts(target: Target, found: Visit) -> Graded:
    value = found.headers.get("Strict-Transport-Security", "")
    seconds = re.search(r"max-age\s*=\s*\"?(\d+)", value, re.IGNORECASE)
    if is_local(target.host):
        return good("hsts", "Une adresse locale ne promet pas HTTPS aux navigateurs, à raison.")
    if seconds is None or int(seconds[1]) == 0:
        message = "Le site ne dit pas aux navigateurs de n’utiliser que HTTPS."
        return bad("hsts", Grade.B, message, cure=f"Strict-Transport-Security : {_CADDY}")
    if int(seconds[1]) < _HALF_A_YEAR_SECONDS:
        message = f"La promesse de HTTPS ne dure que {int(seconds[1]) // 86_400} jours."
        return poor("hsts", Grade.A, message, cure="Portez-la à un an (max-age=31536000).")
    return good("hsts", f"HTTPS est promis pour {int(seconds[1]) // 86_400} jours.")


def check_redirect(target: Target, http_port: int | None) -> Graded:
    """Ask in plain HTTP: it must lead to HTTPS on the same site, or nobody must answer."""
    if http_port is None:
        message = "Port inhabituel : HTTP sans chiffrement n’a pas été essayé (--http-port)."
        return good("redirect", message)
    connection = http.client.HTTPConnection(target.host, http_port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/compte/login/", headers={"User-Agent": "encaisse-check"})
        answer = connection.getresponse()
    except (OSError, http.client.HTTPException):
        return good("redirect", "Rien ne répond en HTTP sans chiffrement.")
    finally:
        connection.close()
    to = urlsplit(answer.headers.get("Location", ""))
    if answer.status in {301, 302, 307, 308} and (to.scheme, to.hostname) == (
        "https",
        target.host,
    ):
        return good("redirect", "HTTP renvoie vers HTTPS.")
    message = f"HTTP sans chiffrement répond {answer.status} au lieu de renvoyer vers HTTPS."
    cure = "Renvoyez tout HTTP vers HTTPS sur le serveur placé devant (docs/install.md, « HTTPS »)."
    return bad("redirect", Grade.C, message, cure=cure)


def check_headers(found: Visit) -> list[Graded]:
    headers = found.headers
    results = [_policy(headers.get("Content-Security-Policy", ""))]
    for name, wanted in (
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", ""),
        ("Permissions-Policy", ""),
    ):
        identifier = f"headers.{name.lower()}"
        value = headers.get(name)
        if value is None or wanted not in value.lower():
            message = f"L’en-tête {name} manque."
            results.append(poor(identifier, Grade.A, message, cure=_CADDY))
        else:
            results.append(good(identifier, f"{name} : {value[:60]}"))
    return [*results, _silence(headers)]


def _policy(policy: str) -> Graded:
    name = "headers.content-security-policy"
    if not policy:
        return bad(name, Grade.B, "Aucune règle ne dit ce que la page peut charger.", cure=_CADDY)
    if "'unsafe-inline'" in policy or "'unsafe-eval'" in policy:
        message = (
            "La règle de la page laisse exécuter du code injecté (unsafe-inline, unsafe-eval)."
        )
        return bad(name, Grade.B, message, cure=_CADDY)
    if "frame-ancestors" not in policy:
        message = "La règle de la page ne dit pas qui peut l’encadrer."
        return poor(name, Grade.A, message, cure=_CADDY)
    return good(name, "La page ne charge et n’exécute que ce qui est permis.")


def _silence(headers: Message) -> Graded:
    told = [f"{name} : {headers[name]}" for name in ("Server", "X-Powered-By") if headers.get(name)]
    if any(re.search(r"\d", each) for each in told):
        message = f"Le serveur dit sa version ({', '.join(told)})."
        cure = "Taisez-la (nginx : server_tokens off;)."
        return poor("headers.server", Grade.A, message, cure=cure)
    return good("headers.server", "Le serveur ne dit pas sa version.")


def check_cookies(found: Visit) -> Graded:
    in_clear, open_to_scripts = [], []
    for cookie in found.cookies:
        name = cookie.partition("=")[0].strip()
        marks = {mark.strip().lower().partition("=")[0] for mark in cookie.split(";")[1:]}
        if "secure" not in marks:
            in_clear.append(name)
        if not {"httponly", "samesite"} <= marks:
            open_to_scripts.append(name)
    cure = "ENCAISSE_PUBLIC_URL doit commencer par https:// ; puis relancez Encaisse."
    if in_clear:
        message = f"Des cookies partiraient aussi sans chiffrement : {', '.join(in_clear)}."
        return bad("cookies", Grade.C, message, cure=cure)
    if open_to_scripts:
        message = f"Des cookies sans HttpOnly ou SameSite : {', '.join(open_to_scripts)}."
        return bad("cookies", Grade.B, message, cure=cure)
    return good("cookies", f"Cookies donnés : {len(found.cookies)}, aucun sans protection.")


def check_mixed_content(found: Visit) -> Graded:
    addresses = sorted({first or second for first, second in _IN_CLEAR.findall(found.page)})
    if not addresses:
        return good("mixed_content", "La page ne charge rien sans chiffrement.")
    message = f"La page charge ou envoie sans chiffrement : {', '.join(addresses[:5])}."
    cure = "Remplacez http:// par https:// dans ces adresses."
    return bad("mixed_content", Grade.C, message, cure=cure)


def is_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _get(target: Target, path: str, cookies: list[str]) -> tuple[Message, str]:
    context = ssl.create_default_context()
    # The certificate has its own finding: the rest is worth knowing whatever it is.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = http.client.HTTPSConnection(
        target.host, target.port, timeout=_TIMEOUT_SECONDS, context=context
    )
    sent = "; ".join(cookie.partition(";")[0] for cookie in cookies)
    headers = {"User-Agent": "encaisse-check"} | ({"Cookie": sent} if sent else {})
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        page = answer.read(_LARGEST_PAGE).decode("utf-8", errors="replace")
    except (OSError, http.client.HTTPException) as error:
        raise CommandFailed(f"La page {path} ne répond pas ({error}).") from error
    finally:
        connection.close()
    return answer.headers, page
