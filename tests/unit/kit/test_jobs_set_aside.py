"""Jobs of a past that is lived through again are handed over instead of queued."""

from encaisse.kit.jobs import enqueue, enqueue_once, set_aside


def test_what_the_block_queues_is_handed_to_whoever_opened_it():
    with set_aside() as kept:
        enqueue("payments.capture_attempt", organization_id="one", attempt_id="two")
        enqueue_once("payments.process_inbox", key="here", organization_id="one")

    assert [(job.name, job.arguments) for job in kept] == [
        ("payments.capture_attempt", {"organization_id": "one", "attempt_id": "two"}),
        ("payments.process_inbox", {"organization_id": "one"}),
    ]
