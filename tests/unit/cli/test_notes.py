"""Notes of commands: two that end at the same moment both keep theirs."""

import subprocess
import sys

import pytest

from encaisse.cli.files import note
from encaisse.kit.notes import BACKUPS, noted

TIMES = 100
# Each process says that it is ready, waits for the word, then notes as fast as it can.
WRITER = """
import sys
from pathlib import Path
from encaisse.cli.files import note
from encaisse.kit.notes import BACKUPS
folder, who, times = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
for number in range(times):
    note(folder, BACKUPS, f"{who}-{number}", {"number": number})
"""


def writer(folder, who) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), who, str(TIMES)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_processes_that_note_at_once_lose_nothing(tmp_path):
    writers = [writer(tmp_path, who) for who in ("backup", "drill")]
    for process in writers:
        process.stdout.readline()
    for process in writers:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in writers:
        process.communicate(timeout=60)

    kept = noted(tmp_path, BACKUPS)
    assert [process.returncode for process in writers] == [0, 0]
    assert len(kept) == len(writers) * TIMES


def test_only_the_notes_stay_in_the_folder(tmp_path):
    note(tmp_path, BACKUPS, "backup", {})

    assert [path.name for path in tmp_path.iterdir()] == [BACKUPS]


def test_a_note_that_cannot_be_written_leaves_the_others(tmp_path):
    note(tmp_path, BACKUPS, "backup", {"number": 1})
    with pytest.raises(TypeError):
        note(tmp_path, BACKUPS, "drill", {"number": object()})

    assert set(noted(tmp_path, BACKUPS)) == {"backup"}
