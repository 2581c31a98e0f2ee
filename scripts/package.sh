#!/usr/bin/env bash
# Makes what is published from what `npm run build` and `npm run build:handler` have left, in dist/:
#   js/      the npm package
#   python/  the wheel and the source distribution
#   java/    a Maven repository
#   go/      the module
#   dotnet/  the NuGet package; without the `dotnet` command, its sources only
#
# usage: scripts/package.sh [js] [python] [java] [go] [dotnet]      (all unless named)
#
# The Go package requires what is installed here, so package.json holds two packages of npm down ("overrides"): newer
# ones would ask more of Go users than aws-cdk-lib itself asks at the lowest version that we support.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PATH="$PWD/node_modules/.bin:$PATH"
# jsii's tools run on Node.js 20, and say at length that their makers do not support that any more.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20

targets=("$@")
[ $# -gt 0 ] || targets=(js python java go dotnet)

node --import tsx scripts/packable.ts

# All of them, so that none is left of an earlier version. What else is in dist/ stays.
rm -rf dist/{js,python,java,go,dotnet}
# Compiles the examples of the README and the doc comments, and puts them into the other languages.
jsii-rosetta extract --strict
npm run --silent api -- --check

# In the repository the package depends on itself, by a link, so that the examples find it by its name. jsii-pacmak cannot order
# such a package, and what is published has no use for the link.
# It is replaced as a whole, so that a test that reads it meanwhile never finds half of it.
cp -p package.json package.json.saved
trap 'mv package.json.saved package.json' EXIT
cp -p package.json package.json.new
node -e '
  const package = require("./package.json");
  delete package.devDependencies["cdk-momento-eventbridge"];
  fs.writeFileSync("package.json.new", JSON.stringify(package, undefined, 2) + "\n");
'
mv package.json.new package.json

built=()
sources=()
for target in "${targets[@]}"; do
  if [ "$target" = dotnet ] && ! command -v dotnet >/dev/null; then sources+=(--target dotnet); else built+=(--target "$target"); fi
done
# Maven's cache is kept: the next build, and the test of the Java package, need the same 50 MB of the CDK.
pack() { jsii-pacmak --no-npmignore --verbose --maven-local-repository .maven "$@"; }
[ ${#built[@]} -eq 0 ] || pack "${built[@]}"
[ ${#sources[@]} -eq 0 ] || pack --code-only "${sources[@]}"

for target in "${targets[@]}"; do
  for made in "dist/$target"/*; do echo "$made: $(du -sb "$made" | cut -f1) bytes"; done
done
[ ${#sources[@]} -eq 0 ] || echo "dist/dotnet has the sources only: this machine has no dotnet command"
