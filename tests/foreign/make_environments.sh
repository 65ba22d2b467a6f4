#!/usr/bin/env bash
# Environments of readers whose requirements cannot stand beside ours, or would only be in the way:
# one for each file in requirements/, in .foreign/ at the root of the repository. What is there in
# the wanted versions is kept. Needs a package registry.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
for wanted in "$here"/requirements/*.txt; do
    name=$(basename "$wanted" .txt)
    environment="$root/.foreign/$name"
    cmp -s "$wanted" "$environment/.installed" && continue
    echo "making the environment of $name"
    rm -rf "$environment"
    "${PYTHON:-python3}" -m venv "$environment"
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check -r "$wanted"
    cp "$wanted" "$environment/.installed"
done
# Readers that are in no registry: name, repository and commit. Where they cannot be had, their tests
# are skipped; FOREIGN_GIT names another place than GitHub that has them.
while read -r name repository commit; do
    source="$root/.foreign/sources/$name"
    [ -d "$source" ] && continue
    echo "fetching $repository"
    git clone --quiet "${FOREIGN_GIT:-https://github.com}/$repository" "$source" &&
        git -C "$source" checkout --quiet "$commit" || rm -rf "$source"
done < "$here/sources.txt"
