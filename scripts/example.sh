#!/usr/bin/env bash
# Runs an example on a local AWS and a local Momento, from nothing: installs, builds, deploys, and prints what to do next.
#
# usage: npm run example -- NAME      (without a name: lists them)
#        npm run demo [-- --keep]     (the quickstart; --keep leaves it running)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# jsii runs on Node.js 20, and prints a long warning that its makers no longer support that.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20

name=${1:-}
if [[ ! "$name" =~ ^[a-z0-9-]+$ || ! -f tools/run-example/$name/run.ts ]]; then
  echo 'usage: npm run example -- NAME, where NAME is one of:' >&2
  for run in tools/run-example/*/run.ts; do echo "  $(basename "$(dirname "$run")")" >&2; done
  exit 2
fi

timed() {
  local what=$1 before=$EPOCHREALTIME
  shift
  echo "$what …"
  "$@"
  LC_ALL=C awk -v a="$before" -v b="$EPOCHREALTIME" 'BEGIN { printf "  %.1f s\n", b - a }'
}

architecture=$(uname -m)
timed 'Installing npm packages and the local AWS' bash scripts/setup.sh --without-linters
timed 'Building the handlers (the first time takes minutes)' bash scripts/build-handler.sh "${architecture/aarch64/arm64}"
timed 'Building the constructs' npm run --silent build
exec node --import tsx "tools/run-example/$name/run.ts" "${@:2}"
