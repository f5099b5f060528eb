"""The worst day: the whole folder is gone. From a copy and the keys, work goes on."""

import json
import shutil
import signal
from pathlib import Path

from cli.conftest import Encaisse
from cli.test_supervisor import Up


def document(encaisse: Encaisse, *arguments: str) -> dict:
    answer = encaisse.run(*arguments, "--json")
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def test_the_folder_is_lost_then_the_journey_continues(
    encaisse: Encaisse, free_port: int, data_folder: Path
):
    away, phrase = data_folder / "ailleurs", data_folder / "phrase.txt"
    away.mkdir()
    phrase.write_text("un tuyau de cuivre bien long")
    copy, keys = str(away / "copie.bak"), str(away / "cles.json")
    running = Up(encaisse, free_port, "demo --new", environment={})
    before = document(encaisse, "journey")
    document(encaisse, "keys", "export", keys, "--passphrase-file", str(phrase))
    made = document(encaisse, "backup", "create", copy)
    drilled = document(encaisse, "backup", "drill", copy)
    running.stop(signal.SIGTERM)

    # The simulated world is not ours to lose: it goes on. All the rest is gone.
    (encaisse.data / "sandbox").rename(away / "sandbox")
    shutil.rmtree(encaisse.data)
    encaisse.data.mkdir()
    (away / "sandbox").rename(encaisse.data / "sandbox")
    document(encaisse, "keys", "import", keys, "--passphrase-file", str(phrase))
    restored = document(encaisse, "backup", "restore", copy)
    again = Up(encaisse, free_port, "demo --new", environment={})
    after = document(encaisse, "journey")
    audit = document(encaisse, "audit", "verify")
    again.stop(signal.SIGTERM)

    assert made["rows"] == drilled["rows"] == restored["rows"]
    assert after["ok"] is True
    assert all(one["ok"] for one in audit["organizations"])
    assert before["organization_id"] in {one["organization_id"] for one in audit["organizations"]}
