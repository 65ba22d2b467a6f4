#!/bin/sh
# Installs what pip cannot, when it is missing: the OpenGL libraries of the embedded engine, the GLib
# that OpenCV's wheel is linked to and, on Debian's own Python, venv (Debian, Ubuntu).
# Needs root or sudo for that; otherwise it says which packages are missing and stops.
set -eu

packages="libegl1 libgl1 libgl1-mesa-dri"
missing=""
for package in $packages; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
# Named so in Debian 12 and Ubuntu 22.04; what came after has libglib2.0-0t64, which provides it.
dpkg-query -W -f='${Status}\n' libglib2.0-0 libglib2.0-0t64 2>/dev/null | grep -q 'ok installed' || missing="$missing libglib2.0-0"
# Debian splits venv out of its own Python; other Pythons have it built in.
if [ "$(command -v python3)" = /usr/bin/python3 ] && ! python3 -c 'import ensurepip' 2>/dev/null; then
    missing="$missing python3-venv"
fi
[ -z "$missing" ] && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "The renderer needs EGL and OpenGL (Debian's names:$missing)." >&2
    echo "Install your system's equivalents, then run this again." >&2
    exit 12
fi

as_root=""
if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        as_root="sudo"
    else
        echo "Missing system packages:$missing" >&2
        echo "Install them once with:  sudo apt-get install --no-install-recommends$missing" >&2
        exit 12
    fi
fi
echo "Installing system packages:$missing"
$as_root apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing
