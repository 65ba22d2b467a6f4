#!/bin/sh
# drain-worker.sh PID: wait until a worker has no flow run left, for at most an hour.
# SIGSTOP keeps it from taking another; its runs are processes of their own and go on.
set -eu
pid=$1
kill -STOP "$pid"
waited=0
while pgrep -P "$pid" >/dev/null && [ "$waited" -lt 3600 ]; do
    # Children that have ended stay as zombies while their parent is stopped.
    pgrep -P "$pid" | while read -r child; do
        state=$(cut -d ' ' -f 3 "/proc/$child/stat" 2>/dev/null || echo Z)
        [ "$state" = Z ] || echo running
    done | grep -q running || break
    sleep 2
    waited=$((waited + 2))
done
# The signal waits for the worker to go on, so that it takes no run in between.
kill -INT "$pid"
kill -CONT "$pid"
