#!/usr/bin/env bash
# Uploads the code and the templates to the buckets of every region: the first thing that is public. The list of all files goes
# first, so that a version is refused here that was released before with other bytes, in whatever language.
#
# usage: scripts/release/upload.sh ACCOUNT      (12 digits: whose buckets these are)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

bash scripts/release/clean-tree.sh
bash scripts/release/checksums.sh verify
node --import tsx templates/upload.ts "$@"
