#!/bin/sh
# start-worker.sh POOL-LIMIT: one worker of a pool, named after this host.
set -eu
pool=${1%-*}
limit=${1##*-}
# Runs are started by the name `python`: flows/bootstrap.py.
PATH=$(cd "$(dirname "$0")/../../.venv/bin" && pwd):$PATH
export PATH
exec prefect worker start \
    --pool "$pool" --limit "$limit" --name "$(hostname)-$1"
