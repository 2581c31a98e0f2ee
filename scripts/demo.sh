#!/usr/bin/env bash
# Runs the quickstart on a local AWS, from nothing: installs, builds, deploys, posts webhooks, shows what arrives.
#
# usage: npm run demo [-- --keep]      (--keep leaves it running, and says how to go on by hand)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# jsii runs on Node.js 20, and says at length that its makers do not support that any more.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20

timed() {
  local what=$1 before=$EPOCHREALTIME
  shift
  echo "$what …"
  "$@"
  LC_ALL=C awk -v a="$before" -v b="$EPOCHREALTIME" 'BEGIN { printf "  %.1f s\n", b - a }'
}

architecture=$(uname -m)
timed 'Installing npm packages and the local AWS' bash scripts/setup.sh --without-linters
timed 'Building the handler (minutes the first time: the AWS SDK, optimised for size)' \
  bash scripts/build-handler.sh "${architecture/aarch64/arm64}"
timed 'Building the constructs' npm run --silent build
exec node --import tsx examples/quickstart/demo.ts "$@"
