"""What signing in costs: a passkey (aim: p95 under 150 ms), then a password with a code."""

from datetime import timedelta

from stage import instance, percentiles, timed

TRIES, WARM_UP = 200, 10


def main() -> None:
    with instance():
        from django.conf import settings

        settings.ALLOWED_HOSTS = ["testserver", "localhost"]
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        print(f"passkey                        {percentiles(samples(by_passkey()))}", flush=True)
        print(f"password, then a code          {percentiles(samples(by_code()))}")


def samples(sign_in: object) -> list[float]:
    found = [sign_in(number) for number in range(WARM_UP + TRIES)]
    return found[WARM_UP:]


def by_passkey() -> object:
    """Ask for a challenge, then show it signed: both requests are counted."""
    from django.test import Client
    from django.urls import reverse

    from factories.passkeys import Telephone
    from functional.lived_in import add_passkey
    from functional.web_people import client_of, prove

    person, telephone, browser = newcomer(), Telephone(), Client()
    at_work = client_of(person.user)
    prove(at_work, person.user)
    add_passkey(at_work, telephone)
    url = reverse("mfa_login_webauthn")

    def sign_in(number: int) -> float:
        shown, home = {}, network(number)

        def ask() -> None:
            answer = browser.get(
                url, headers={"x-requested-with": "XMLHttpRequest"}, REMOTE_ADDR=home
            )
            shown.update(answer.json()["request_options"])

        def answer() -> None:
            assert browser.post(url, {"credential": signed}, REMOTE_ADDR=home).status_code == 302

        asked = timed(ask)
        signed = telephone.sign(shown)
        spent = asked + timed(answer)
        leave(browser)
        return spent

    return sign_in


def by_code() -> object:
    """Type the password, then a code that has not served: both requests are counted."""
    import time_machine
    from django.test import Client
    from django.urls import reverse
    from django.utils import timezone

    from functional.web_people import Newcomer

    person, browser = newcomer(), Client()
    start, entrance = timezone.now(), reverse("entrance")

    def sign_in(number: int) -> float:
        with time_machine.travel(start + timedelta(minutes=2 * number), tick=True):
            home = network(number)
            code = Newcomer.totp(person.factor.totp_secret)
            typed = timed(lambda: person.types_password(browser, address=home))
            spent = typed + timed(lambda: browser.post(entrance, {"code": code}, REMOTE_ADDR=home))
            leave(browser)
        return spent

    return sign_in


def network(number: int) -> str:
    """Another network each time, or what slows guessers down would be measured."""
    return f"82.64.{number}.1"


def newcomer() -> object:
    from functional.door import Person

    return Person()


def leave(browser: object) -> None:
    """Check that the door opened, then close it."""
    from django.urls import reverse

    assert browser.get(reverse("activity")).status_code == 200
    browser.post(reverse("account_logout"))


if __name__ == "__main__":
    main()
