#!/bin/sh
# Checks the files for deployment: the manifests by Kubernetes' own types, the unit by systemd-analyze, where there is
# one. GO names the go command.
set -eu

dist=$(cd "$(dirname "$0")" && pwd)
cd "$dist/kubernetes"
GOTOOLCHAIN=local GOFLAGS=-mod=readonly "${GO:-go}" test -count=1 ./...

if ! command -v systemd-analyze >/dev/null; then
    echo "No systemd-analyze: the unit was not checked."
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# It wants the command to exist. An unknown key is a line of output, and no error.
sed 's#/opt/wasmton/bin/wasmton#/bin/sh#' "$dist/wasmton@.service" >"$work/wasmton@.service"
systemd-analyze verify "$work/wasmton@.service" >"$work/out" 2>&1 || echo "exit code $?" >>"$work/out"
if [ -s "$work/out" ]; then
    cat "$work/out" >&2
    exit 1
fi
echo "ok: systemd-analyze verify"
