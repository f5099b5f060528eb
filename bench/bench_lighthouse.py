"""
Lighthouse on the pages that must open fast and well, and what each weighs on the wire.

Needs npm and Chromium. The demonstration is started here, lived through, and thrown away.
"""

import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from encaisse.cli.processes import dies_with_parent

# The last version that Node 20 runs.
LIGHTHOUSE = "lighthouse@12.8.2"
CHROMIUM = "/usr/bin/chromium"
CATEGORIES = ("performance", "accessibility", "best-practices")
AIM, TRIES = 95, 3
PAYER_BYTES, DESK_BYTES = 60_000, 350_000
PORT = 8470


def main() -> None:
    if shutil.which("npx") is None or not Path(CHROMIUM).exists():
        print("lighthouse: left out, it needs npm and Chromium")
        return
    with (
        tempfile.TemporaryDirectory(prefix="encaisse-lighthouse-") as folder,
        demonstration(Path(folder)) as base,
        opened(base) as page,
    ):
        cookie, payer = signed_in(page, Path(folder) / "data"), payers_link(page)
        measure(folder, "payer page", payer, PAYER_BYTES)
        measure(folder, "sign-in", f"{base}/compte/login/", DESK_BYTES)
        measure(folder, "Aujourd’hui", f"{base}/", DESK_BYTES, cookie)
        measure(folder, "dashboard", f"{base}/tableau-de-bord/", DESK_BYTES, cookie)


@contextmanager
def demonstration(folder: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "encaisse.cli", "demo", "--data-dir", str(folder / "data")]
    log = (folder / "demo.log").open("w+")
    process = subprocess.Popen(  # noqa: S603  our own command
        command,
        env={**os.environ, "PORT": str(PORT)},
        stderr=log,
        preexec_fn=dies_with_parent(signal.SIGTERM),  # noqa: PLW1509  one prctl call
    )
    try:
        while "Prêt." not in (folder / "demo.log").read_text(encoding="utf-8"):
            if process.poll() is not None:
                raise RuntimeError((folder / "demo.log").read_text(encoding="utf-8"))
            signal.sigtimedwait([], 0.5)
        yield f"http://localhost:{PORT}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
        log.close()


@contextmanager
def opened(base: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser.new_context(base_url=base).new_page()
        browser.close()


def signed_in(page: Page, data: Path) -> str:
    """Sign in as the demonstration's owner; return the cookies of the session."""
    demo = json.loads((data / "demo.json").read_text(encoding="utf-8"))
    page.goto("/compte/login/")
    page.wait_for_load_state("networkidle")
    page.fill("input[type=email]", demo["email"])
    page.fill("input[type=password]", demo["password"])
    page.click("form.form button.btn-main")
    page.fill("input[name=code]", demo["recovery_codes"][0])
    page.press("input[name=code]", "Enter")
    page.wait_for_url("**/")
    return "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())


def payers_link(page: Page) -> str:
    """Ask for a payment, as its firm does; return the link."""
    page.goto("/demandes/nouvelle/")
    page.fill("input[name=description]", "Acompte chauffe-eau")
    page.fill("input[name=amount]", "320,00")
    page.click("form.form button.btn-main")
    return page.locator("#link").input_value()


def measure(folder: str, name: str, url: str, most: int, cookie: str = "") -> None:
    runs = [lighthouse(Path(folder) / "report.json", url, cookie) for _ in range(TRIES)]
    scores = {
        category: round(
            100 * statistics.median(run["categories"][category]["score"] for run in runs)
        )
        for category in CATEGORIES
    }
    weight = round(runs[0]["audits"]["total-byte-weight"]["numericValue"])
    told = "  ".join(f"{category} {score}" for category, score in scores.items())
    print(
        f"{name:12} {told}  (aim {AIM})   {weight / 1000:.0f} kB (aim {most / 1000:.0f} kB)",
        flush=True,
    )
    for category in CATEGORIES:
        for audit in lost(runs[-1], category):
            print(f"             {category}: {audit}", flush=True)


def lost(run: dict, category: str) -> list[str]:
    """Return the audits that cost points, where the aim is missed."""
    if run["categories"][category]["score"] * 100 >= AIM:
        return []
    audits = [
        run["audits"][ref["id"]]
        for ref in run["categories"][category]["auditRefs"]
        if ref["weight"]
    ]
    return [
        f"{one['title']} {one.get('displayValue', '')}" for one in audits if (one["score"] or 0) < 1
    ]


def lighthouse(report: Path, url: str, cookie: str) -> dict:
    command = [
        "npx", "--yes", LIGHTHOUSE, url, "--quiet", "--output=json", f"--output-path={report}",
        "--chrome-flags=--headless --disable-gpu --no-sandbox",
        f"--only-categories={','.join(CATEGORIES)}",
    ]  # fmt: skip
    if cookie:
        command.append(f"--extra-headers={json.dumps({'Cookie': cookie})}")
    environment = {**os.environ, "CHROME_PATH": CHROMIUM}
    subprocess.run(command, check=True, env=environment)  # noqa: S603  a bench's own tool
    return json.loads(report.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
