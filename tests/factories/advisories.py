"""Advisories about Python packages, as osv.dev publishes them."""

import io
import json
import zipfile


def osv(package="Django", *, events=None, versions=(), **more):
    ranges = [{"type": "ECOSYSTEM", "events": events}] if events else []
    affected = {
        "package": {"ecosystem": "PyPI", "name": package},
        "ranges": ranges,
        "versions": list(versions),
    }
    return {"id": "PYSEC-2026-1", "affected": [affected]} | more


def zipped(*documents):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number, document in enumerate(documents):
            archive.writestr(f"{number}.json", json.dumps(document))
    return buffer.getvalue()
