#!/usr/bin/env bash
# Writes what the handlers and the package are made of, as CycloneDX, to dist/sbom/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

version=0.5.9
cyclonedx=target/sbom/bin/cargo-cyclonedx
if [ "$("$cyclonedx" cyclonedx --version 2>/dev/null)" != "cargo-cyclonedx-cyclonedx $version" ]; then
  echo 'sbom: building cargo-cyclonedx, which takes a minute or two …' >&2
  cargo install --quiet --locked --root target/sbom "cargo-cyclonedx@$version"
fi

rm -rf dist/sbom
mkdir -p dist/sbom
for architecture in aarch64 x86_64; do
  "$cyclonedx" cyclonedx --quiet --manifest-path handler/Cargo.toml --target "$architecture-unknown-linux-gnu" \
    --format json --spec-version 1.5 --no-build-deps --override-filename sbom
  # Where the sources lie on this machine is nobody's business.
  sed "s#file://$PWD#file:///source#g" handler/sbom.json >"dist/sbom/handlers-$architecture.cdx.json"
  # It writes one for each crate of the workspace; the first has all of them.
  rm handler/sbom.json handler/signature/sbom.json
done
node scripts/build-cli.mjs --metafile target/sbom/cli.json
npx --no -- cyclonedx-esbuild --output-reproducible --spec-version 1.5 --mc-type library \
  --output-file dist/sbom/npm-package.cdx.json target/sbom/cli.json
for made in dist/sbom/*; do echo "$made: $(wc -c <"$made") bytes"; done
