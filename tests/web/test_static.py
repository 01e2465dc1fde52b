"""What the pages load: the files of others are the pinned ones, and all is served by ourselves."""

import hashlib
import re

import msgspec
import pytest

from web.assets import STATIC

VENDOR = STATIC / "vendor"
MANIFEST = msgspec.json.decode((VENDOR / "manifest.json").read_bytes())["files"]
OURS = sorted(file for file in STATIC.iterdir() if file.is_file())
# Addresses that stand in the files of others: names of namespaces, of issues and of
# manuals, in comments and error messages. None is loaded.
MENTIONED = {
    "data-star.dev", "github.com", "maplibre.invalid", "maplibre.org",
    "wiki.openstreetmap.org", "www.w3.org",
}  # fmt: skip


def names():
    return {str(file.relative_to(VENDOR)) for file in VENDOR.rglob("*") if file.is_file()}


@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: entry["file"])
def test_a_vendored_file_is_the_one_of_the_manifest(entry):
    """A changed byte, a missing file or a missing origin is noticed."""
    data = (VENDOR / entry["file"]).read_bytes()

    assert hashlib.sha256(data).hexdigest() == entry["sha256"]
    assert entry["package"]
    assert entry["licence"]


def test_nothing_is_vendored_without_an_entry_and_a_licence():
    """Every file is in the manifest, and every package that is named there has its licence."""
    licences = {name for name in names() if name.startswith("licences/")}
    packages = {
        package.rpartition(" ")[0].removeprefix("@").replace("/", "-")
        for entry in MANIFEST
        for package in entry["package"].split(", ")
    }

    assert names() - licences - {"manifest.json"} == {entry["file"] for entry in MANIFEST}
    assert licences == {f"licences/{package}.txt" for package in packages}


@pytest.mark.parametrize("file", OURS, ids=lambda file: file.name)
def test_our_files_name_no_other_origin(file):
    """No address with a host stands in a script or style sheet of ours, but SVG's namespace."""
    text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")

    assert "//" not in re.sub(r"(^|\s)//.*", "", text)


def test_the_files_of_others_mention_only_known_hosts():
    """A new version that mentions another host is looked at before it is taken."""
    texts = [
        (VENDOR / entry["file"]).read_text(encoding="utf-8")
        for entry in MANIFEST
        if not entry["file"].endswith(".woff2")
    ]
    found = {host for text in texts for host in re.findall(r"\b(?:https?|wss?)://([\w.-]+)", text)}

    assert found <= MENTIONED
    assert not any("sourceMappingURL" in text for text in texts)
