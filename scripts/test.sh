#!/usr/bin/env bash
# Everything that CI runs, and all that it takes on a fresh machine. Stops at the first thing that fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# jsii runs on Node.js 20, and says at length that its makers do not support that any more.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20

step() { printf '\n== %s (%d s)\n' "$1" "$SECONDS"; }

step 'install'
bash scripts/setup.sh
export PATH="$PWD/node_modules/.bin:$PATH"

step 'rust: format, lints, tests'
cargo fmt --all --check
cargo clippy --quiet --locked --workspace --all-targets -- --deny warnings
cargo test --quiet --locked --workspace
node test/vectors/check-signatures.mjs

step 'tools (local Momento, benchmark): format, lints, tests'
(
  cd tools
  cargo fmt --all --check
  cargo clippy --quiet --locked --all-targets -- --deny warnings
  cargo test --quiet --locked
)

step 'examples: format, lints, tests'
(
  cd examples
  # Most of their dependencies are the handlers' own, compiled already.
  export CARGO_TARGET_DIR=../target
  cargo fmt --all --check
  cargo clippy --quiet --locked --workspace --all-targets -- --deny warnings
  cargo test --quiet --locked --workspace
)

step 'handlers: release builds for both architectures, tests of the zips'
bash scripts/build-handler.sh
npm run --silent test:handler-zips

step 'constructs: build, lints, tests'
npm run --silent build
npm run --silent lint
npm run --silent lint:workflows
npm run --silent test:constructs

step 'command line: tests'
npm run --silent test:cli

step 'local AWS: its own tests, then what is deployed to it'
npm run --silent test:local

step 'packages: made for every language, then installed and used without Rust'
npm run --silent package
npm run --silent test:package

step 'done'
