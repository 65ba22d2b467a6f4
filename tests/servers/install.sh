#!/usr/bin/env bash
# Installs the real servers that the integration tests start: an S3 server (Ceph radosgw) and a
# database (PostgreSQL). Debian/Ubuntu.
set -euo pipefail
missing=()
command -v radosgw ceph-mon ceph-osd >/dev/null || missing+=(radosgw ceph-mon ceph-osd)
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing+=(postgresql)
[ "${#missing[@]}" -eq 0 ] && exit 0
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "needs root: apt-get install ${missing[*]}" >&2; exit 12; }
    as_root=(sudo)
fi
"${as_root[@]}" apt-get update -q
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -q --no-install-recommends \
    "${missing[@]}"
