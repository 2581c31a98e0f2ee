#!/usr/bin/env bash
# Runs an example on a local AWS and a local Momento, from nothing: installs, builds, deploys, and prints what to do next.
#
# usage: npm run example -- NAME      (without a name: lists them)
#        npm run demo [-- --keep]     (the quickstart; --keep leaves it running)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

name=${1:-}
if [[ ! "$name" =~ ^[a-z0-9-]+$ || ! -f tools/run-example/$name/run.ts ]]; then
  echo 'usage: npm run example -- NAME, where NAME is one of:' >&2
  for run in tools/run-example/*/run.ts; do echo "  $(basename "$(dirname "$run")")" >&2; done
  exit 2
fi

node tools/run-example/prepare.mjs "$name"
# The constructs run from their sources, so lib/ is not needed, and stays as it is.
export TSX_TSCONFIG_PATH=$PWD/tools/run-example/tsconfig.constructs.json
exec node --import tsx "tools/run-example/$name/run.ts" "${@:2}"
