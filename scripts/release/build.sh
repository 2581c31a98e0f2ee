#!/usr/bin/env bash
# Makes everything that a release publishes, in assets/ and dist/, and publishes nothing.
#
# usage: scripts/release/build.sh v1.2.3         (the tag, against which all versions are checked)
#        scripts/release/build.sh --unreleased   (to try it)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20

tag=${1:?"usage: $0 <tag> | --unreleased"}
[ "$tag" = --unreleased ] || bash scripts/release/clean-tree.sh "$tag"
bash scripts/setup.sh
[ "$tag" = --unreleased ] || npm run --silent release:check -- "$tag"
npm run --silent build:handler
npm run --silent build
[ "$tag" = --unreleased ] || npm run --silent compat
npm run --silent package
npm run --silent templates
bash scripts/release/sbom.sh
node --import tsx scripts/release/notes.ts
bash scripts/release/checksums.sh write
