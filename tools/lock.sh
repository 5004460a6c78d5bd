#!/usr/bin/env bash
# Refreshes both locks: every package, exact version and hash, for Python 3.11 and later on every platform.
#
#   tools/lock.sh               keep the versions that the locks hold, add or drop what pyproject.toml asks for
#   tools/lock.sh --upgrade     take the newest versions
#   tools/lock.sh --check       change nothing; fail when the locks do not answer pyproject.toml
#
# requirements.lock      what a plan needs
# requirements-dev.lock  the same versions, and what tests and lint need on top
#
# No address of a package registry goes into a lock: each user's own pip settings say where packages come from, the hashes say
# that they are the right ones. One version serves every Python ("fewest"), so that all of them give the same plan.
set -euo pipefail
cd "$(dirname "$0")/.."

UV=".venv/bin/uv"
[ -x "$UV" ] || UV="$(command -v uv)" || { echo "lock: uv is missing; './run install --dev' brings it" >&2; exit 1; }

check=no
extra=()
for word in "$@"; do
    case "$word" in
        --check) check=yes ;;
        --upgrade) extra+=(--upgrade) ;;
        *) echo "lock: unknown option '$word' (known: --upgrade, --check)" >&2; exit 2 ;;
    esac
done

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
for name in requirements.lock requirements-dev.lock; do
    if [ -f "$name" ]; then cp "$name" "$work/$name"; fi    # uv keeps the versions that it finds there
done

compile() {
    "$UV" pip compile --system-certs pyproject.toml --group install "$@" ${extra[@]+"${extra[@]}"} --quiet --universal --python-version 3.11 \
        --fork-strategy fewest --only-binary :all: --generate-hashes --no-emit-index-url --no-emit-find-links \
        --no-header --no-annotate > /dev/null
}
compile -o "$work/requirements.lock"
compile --extra dev -c "$work/requirements.lock" -o "$work/requirements-dev.lock"

if grep -n '://' "$work"/*.lock; then
    echo "lock: an address got into a lock (see above); nothing was changed" >&2
    exit 1
fi
for name in requirements.lock requirements-dev.lock; do
    if [ "$check" = yes ]; then
        diff -u "$name" "$work/$name" || { echo "lock: $name is out of date; run './run lock'" >&2; exit 1; }
    else
        cp "$work/$name" "$name"
        echo "$name: $(grep -c '==' "$name") packages"
    fi
done
