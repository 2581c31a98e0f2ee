#!/usr/bin/env bash
# Makes the GitHub release of a tag, with the handlers, the templates, the SBOMs and the checksums. gh refuses a tag that has one.
#
# usage: scripts/release/github-release.sh v1.2.3      (GH_TOKEN, GITHUB_REPOSITORY: as gh and the workflow name them)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

tag=${1:?"usage: $0 <tag>"}
bash scripts/release/clean-tree.sh "$tag"
bash scripts/release/checksums.sh verify
gh release create "$tag" --repo "$GITHUB_REPOSITORY" --verify-tag --title "$tag" --notes-file dist/release-notes.md \
  assets/*.zip assets/*.json dist/templates/*.yaml dist/templates/uploads.json dist/sbom/*.json dist/SHA256SUMS
