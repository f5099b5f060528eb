"""What a flood costs: ten thousand wrong passwords at one account, over ten hours."""

from datetime import UTC, datetime, timedelta

from stage import instance, percentiles, timed

FAILURES = 10_000
OVER = timedelta(hours=10)


def main() -> None:
    with instance():
        from encaisse.kit.tenancy import acting_for
        from encaisse.security.models import Alert, AlertDelivery
        from factories.organizations import Firm

        firm = Firm()
        spent = flood(firm)
        with acting_for(firm.id):
            (alert,) = Alert.objects.all()
            mails = AlertDelivery.objects.filter(channel="email").count()
        print(f"{FAILURES} failures: 1 alert of {alert.count}, {mails} mails")
        print(f"a failure written and looked at  {percentiles(spent)}")
        assert mails <= 3


def flood(firm: object) -> list[float]:
    from encaisse.identity.access import Origin, record_failure
    from encaisse.identity.models import AccessEvent
    from encaisse.security.causes import look_at_failure
    from encaisse.security.raising import tell_what_goes_on

    start, origin = datetime.now(UTC), Origin("200.147.1.1", "curl")

    def fail(now: datetime) -> None:
        record_failure(user_id=firm.owner.id, origin=origin, real_now=now)
        latest = AccessEvent.objects.filter(user_id=firm.owner.id).latest("at")
        look_at_failure(access_id=latest.id, real_now=now)

    spent = []
    for number in range(FAILURES):
        now = start + OVER * number / FAILURES
        spent.append(timed(lambda now=now: fail(now)))
        if number % 20 == 0:  # about every minute, as the periodic job does
            tell_what_goes_on(organization_id=firm.id, real_now=now)
    return spent


if __name__ == "__main__":
    main()
