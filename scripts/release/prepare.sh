#!/usr/bin/env bash
# Prepares the commit of a release: the version everywhere, the date in CHANGELOG.md, the templates, and what later versions are held
# against. Then lists what is left to do by hand. Commits nothing.
#
# usage: npm run release:prepare -- 1.2.3
set -euo pipefail
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

version=${1:-}
fail() {
  echo "release: $*" >&2
  exit 1
}
[[ "$version" =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || fail 'usage: npm run release:prepare -- 1.2.3'
newest=$(grep -m1 '^## ' CHANGELOG.md)
[[ "$newest" == *' - unreleased' ]] || fail "CHANGELOG.md begins with '$newest': write what is new under '## [$version] - unreleased'"

npm version --no-git-tag-version --allow-same-version "$version" >/dev/null
sed -i "0,/^version = \".*\"/s//version = \"$version\"/" Cargo.toml
# The locks of the other workspaces have the handlers too.
for lock in {.,tools,examples,handler/fuzz}/Cargo.lock; do
  sed -i "/^name = \"cdk-momento-eventbridge-/{n;s/^version = .*/version = \"$version\"/}" "$lock"
done
sed -i "s/\(\"cdk-momento-eventbridge\": \"^\)[0-9.]*/\1$version/" examples/*/package.json
sed -i "s/\(-require=MODULE@v\)[0-9.]*[0-9]/\1$version/" README.md
sed -i "0,/^## .*/s//## [$version] - $(date -u +%F)/" CHANGELOG.md
# The snapshots are of what users get, which is compiled.
npm run --silent build
npm run --silent test:update-snapshots >/dev/null
node --import tsx scripts/release/keep.ts
npm run --silent release:check -- "v$version"
