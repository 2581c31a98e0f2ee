#!/usr/bin/env bash
# Runs an example on a local AWS and a local Momento, from nothing: installs, builds, deploys, and says what to do.
#
# usage: npm run example -- NAME      (without a name: which there are)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# jsii runs on Node.js 20, and says at length that its makers do not support that any more.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20

name=${1:-}
if [[ ! "$name" =~ ^[a-z0-9-]+$ || ! -f examples/$name/local.ts ]]; then
  echo 'usage: npm run example -- NAME, where NAME is one of:' >&2
  for local in examples/*/local.ts; do echo "  $(basename "$(dirname "$local")")" >&2; done
  exit 2
fi

architecture=$(uname -m)
echo 'Installing npm packages and the local AWS …'
bash scripts/setup.sh --without-linters
echo 'Building the handlers (minutes the first time: the AWS SDK, optimised for size) …'
bash scripts/build-handler.sh "${architecture/aarch64/arm64}"
echo 'Building the constructs …'
npm run --silent build
echo 'Building and deploying the example …'
exec node --import tsx "examples/$name/local.ts"
