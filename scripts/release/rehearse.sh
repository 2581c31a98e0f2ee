#!/usr/bin/env bash
# Installs what a rehearsal of a release needs, and rehearses it: rehearsal/main.ts says how.
#
# usage: npm run release:rehearse -- VERSION [--keep | --built DIRECTORY]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20

bash scripts/setup.sh node-modules
bash scripts/setup.sh local-aws
npm ci --prefix scripts/release/rehearsal --ignore-scripts --no-audit --no-fund --loglevel=error
venv=target/rehearsal-venv
python3 -m venv --clear "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
  --requirement scripts/release/rehearsal/requirements.txt
exec node --import tsx scripts/release/rehearsal/main.ts "$@"
