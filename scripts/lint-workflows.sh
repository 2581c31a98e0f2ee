#!/usr/bin/env bash
# Checks the workflows of .github/ and the shell scripts, those in the workflows among them.
#
# usage: npm run lint:workflows      (after scripts/setup.sh)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# actionlint hands the scripts of the workflows to the shellcheck that it finds.
PATH="$PWD/.venv/bin:$PATH"

git ls-files -z -- '*.sh' .ci/run | xargs -0 shellcheck --
go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
# What it would ask GitHub is left out: a test run must not depend on it.
zizmor --offline --quiet .github
