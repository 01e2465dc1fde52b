"""Make ``web/static/vendor`` again: ``make vendor``.

Archives are fetched by the registries' own clients, by name and version, and are
used only if their checksums are the pinned ones. The same archives make the same bytes.
"""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from web.assets import STATIC
from web.vendor.sources import BASE, BASE_FILES, PACKAGES, TOOLS, Package

VENDOR = STATIC / "vendor"
HERE = Path(__file__).parent


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        modules, made = Path(folder) / "node_modules", Path(folder) / "made"
        (made / "licences").mkdir(parents=True)
        for package in (*PACKAGES, *TOOLS):
            unpack(fetch(package, Path(folder)), modules / package.name)
        files = [entry for package in PACKAGES for entry in take(package, modules, made)]
        files += build_base(modules, made)
        manifest = {"files": sorted(files, key=lambda entry: entry["file"])}
        text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
        (made / "manifest.json").write_bytes(text + b"\n")
        shutil.rmtree(VENDOR, ignore_errors=True)
        shutil.copytree(made, VENDOR)
    sys.stdout.write(f"{len(files)} files in {VENDOR}\n")


def fetch(package: Package, folder: Path) -> Path:
    """The archive of a package, checked."""
    into = Path(tempfile.mkdtemp(dir=folder))
    if package.client == "npm":
        name = f"{package.name}@{package.version}"
        command = ["npm", "pack", "--silent", "--pack-destination", str(into), name]
    else:
        name = f"{package.name}=={package.version}"
        # A wheel that asks for a later Python than ours is opened, never installed.
        options = ["--no-deps", "--only-binary=:all:", "--python-version", "3.13"]
        command = [sys.executable, "-m", "pip", "download", "-q", *options, "-d", str(into), name]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (archive,) = into.iterdir()
    found = digest(archive)
    if found != package.sha256:
        sys.exit(f"{name} is {found}, but {package.sha256} is pinned: nothing was changed.")
    return archive


def unpack(archive: Path, into: Path) -> None:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            wheel.extractall(into)  # noqa: S202  (its checksum is the pinned one)
        return
    with tarfile.open(archive) as packed, tempfile.TemporaryDirectory() as folder:
        packed.extractall(folder, filter="data")
        # npm's archives have one folder, mostly called "package".
        (top,) = Path(folder).iterdir()
        shutil.copytree(top, into)


def take(package: Package, modules: Path, made: Path) -> Iterator[dict[str, str]]:
    """Copy a package's files and licence; what the manifest says of each file."""
    source = modules / package.name
    licence = "\n".join((source / name).read_text().strip() for name in package.licence_files)
    if package.name == "starhtml":
        licence = f"{(HERE / 'datastar-licence.txt').read_text().strip()}\n\n{licence}"
    name = package.name.removeprefix("@").replace("/", "-")
    (made / "licences" / f"{name}.txt").write_text(licence + "\n")
    for each in package.takes:
        (made / each.name).write_bytes(each.change((source / each.inside).read_bytes()))
        yield {
            "file": each.name,
            "package": f"{package.name} {package.version}",
            "licence": package.licence,
            "changed": each.changed,
            "sha256": digest(made / each.name),
        }


def build_base(modules: Path, made: Path) -> Iterator[dict[str, str]]:
    """The base map, made by node out of what others have made of Natural Earth."""
    script = shutil.copy(HERE / "build_base.mjs", modules.parent)
    subprocess.run(["node", script, made], check=True, cwd=modules.parent)
    used = [package for package in PACKAGES if package.name in BASE]
    for name in BASE_FILES:
        yield {
            "file": name,
            "package": ", ".join(f"{package.name} {package.version}" for package in used),
            "licence": "public domain (Natural Earth); "
            + ", ".join(f"{package.licence} ({package.name})" for package in used),
            "changed": "built by web/vendor/build_base.mjs",
            "sha256": digest(made / name),
        }


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
