#!/usr/bin/env bash
# Installs the real S3 server that the integration tests start (Ceph radosgw, Debian/Ubuntu).
set -euo pipefail
command -v radosgw ceph-mon ceph-osd >/dev/null && exit 0
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "needs root: apt-get install radosgw ceph-mon ceph-osd" >&2; exit 12; }
    as_root=(sudo)
fi
"${as_root[@]}" apt-get update -q
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -q --no-install-recommends \
    radosgw ceph-mon ceph-osd
