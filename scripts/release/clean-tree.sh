#!/usr/bin/env bash
# Fails unless the checkout is exactly its commit, and that of the tag where there is one: only what is committed is released.
#
# usage: scripts/release/clean-tree.sh [tag]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

changes=$(git status --porcelain)
if [ -n "$changes" ]; then
  printf 'release: the checkout has changes that are not committed:\n%s\nCommit or remove them.\n' "$changes" >&2
  exit 1
fi

tag=${1:-}
if [ -n "$tag" ] && tagged=$(git rev-parse --quiet --verify "refs/tags/$tag^{commit}"); then
  head=$(git rev-parse HEAD)
  if [ "$tagged" != "$head" ]; then
    echo "release: the tag $tag is commit $tagged, and the checkout is $head. Check out the tag." >&2
    exit 1
  fi
fi
