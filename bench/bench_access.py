"""What weighing an access costs: the facts and rules alone, then with the rows read and written."""

from datetime import UTC, datetime, timedelta

from stage import instance, percentiles, timed

PAST, TRIES, WARM_UP = 300, 1_000, 50
HOME = "82.64.10.1"


def main() -> None:
    with instance():
        from factories.organizations import make_user

        print(f"decision, {PAST} past accesses    {percentiles(samples(decider()))}", flush=True)
        print(f"judged and written, same past  {percentiles(samples(judger(make_user())))}")


def samples(action: object) -> list[float]:
    for _time in range(WARM_UP):
        action()
    return [timed(action) for _time in range(TRIES)]


def decider() -> object:
    from encaisse.risk.access import Access, gather
    from encaisse.risk.decide import decide
    from encaisse.risk.presets import POLICIES, Preset

    now = datetime.now(UTC)
    past = [
        Access(at=now - timedelta(hours=7 * number), device="a", country="FR", address_range="r")
        for number in range(PAST, 0, -1)
    ]
    access = Access(at=now, device="b", country="BR", address_range="s")
    return lambda: decide(POLICIES[Preset.EQUILIBRE], gather(access, before=past).as_mapping())


def judger(user: object) -> object:
    from encaisse.identity.access import Origin, judge
    from encaisse.identity.models import AccessEvent
    from encaisse.identity.proofs import Outcome
    from encaisse.risk.presets import Preset

    now, origin = datetime.now(UTC), Origin(HOME, "Firefox sur Windows")
    event = judge(user=user, origin=origin, preset=Preset.EQUILIBRE, real_now=now)
    for number in range(PAST):
        event.pk, event.outcome = None, Outcome.PASSED if number % 3 else Outcome.FAILED
        event.at = now - timedelta(minutes=4 * number)
        event.save(force_insert=True)
    assert AccessEvent.objects.filter(user=user).count() == PAST + 1
    return lambda: judge(user=user, origin=origin, preset=Preset.EQUILIBRE, real_now=now)


if __name__ == "__main__":
    main()
