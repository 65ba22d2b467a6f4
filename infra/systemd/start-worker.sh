#!/bin/sh
# start-worker.sh POOL-LIMIT: one worker of a pool, named after this host.
set -eu
pool=${1%-*}
limit=${1##*-}
exec "$(dirname "$0")/../../.venv/bin/prefect" worker start \
    --pool "$pool" --limit "$limit" --name "$(hostname)-$1"
