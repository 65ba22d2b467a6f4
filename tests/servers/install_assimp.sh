#!/usr/bin/env bash
# Installs assimp, with which the tests read exported people independently (Debian/Ubuntu).
set -euo pipefail
command -v assimp >/dev/null && exit 0
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "needs root: apt-get install assimp-utils" >&2; exit 12; }
    as_root=(sudo)
fi
"${as_root[@]}" apt-get update -q
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -q --no-install-recommends assimp-utils
