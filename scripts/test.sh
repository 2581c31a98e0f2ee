#!/usr/bin/env bash
# Everything that CI runs, and all that it takes on a fresh machine. Stops at the first step that fails.
#
# usage: scripts/test.sh [step...]      (all unless named; in this order)
#   rust        Rust crates: format, lints, tests
#   build       the package's TypeScript
#   lint        TypeScript, documents, workflows, scripts; needs build
#   constructs  unit tests of constructs, templates and release scripts; needs build
#   demo        the demo and the examples, run as the READMEs say
#   handlers    release builds for both architectures, tests of the zips
#   performance instructions and sizes of the handlers, against a baseline; needs handlers
#   cli         the command line; needs build and handlers
#   deployed    tests of the local AWS, then of what is deployed to it; needs build and handlers
#   packages    made for every language if API.md is up to date, then installed and used without Rust; needs build and handlers
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# jsii runs on Node.js 20, and says at length that its makers do not support that any more.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20

# Clippy compiles what the tests run: as a command of its own it would read every dependency once more. Steps that take what the step
# rust has compiled need the same, or they compile it again.
with_clippy() { RUSTC_WORKSPACE_WRAPPER=clippy-driver "$@"; }

rust() {
  export RUSTC_WORKSPACE_WRAPPER=clippy-driver
  crates .
  for feature in signature command; do
    cargo clippy --quiet --locked --package cdk-momento-eventbridge-handler --no-default-features --features "$feature" \
      -- --deny warnings
  done
  node test/vectors/check-signatures.mjs
  bash scripts/handler/run-crate-examples.sh
  crates tools
  # What the examples depend on is compiled already, for the most part: see tools/shared-dependencies.
  CARGO_TARGET_DIR=$PWD/target crates examples
}
crates() { # of the workspace in a folder: its default members, which are all unless it names some
  (
    cd "$1"
    cargo fmt --all --check
    warnings=$(cargo test --quiet --locked --no-run 2>&1) || { echo "$warnings"; exit 1; }
    [ -z "$warnings" ] || { echo "$warnings"; exit 1; }
    cargo test --quiet --locked
  )
}

build() { npm run --silent build; }

lint() {
  npm run --silent lint
  npm run --silent lint:workflows
}

constructs() { npm run --silent test:constructs; }

demo() { with_clippy npm run --silent test:demo; }

handlers() {
  bash scripts/build-handler.sh
  npm run --silent test:handler-zips
}

deployed() { with_clippy npm run --silent test:local; }

performance() { with_clippy npm run --silent test:performance; }

cli() { npm run --silent test:cli; }

packages() {
  npm run --silent package
  npm run --silent test:package
}

all=(rust build lint constructs demo handlers performance cli deployed packages)
for step in "$@"; do
  [[ " ${all[*]} " == *" $step "* ]] || { sed -n '4,14s/^# \{0,1\}//p' "$0" >&2; exit 2; }
done
[ $# -gt 0 ] || set -- "${all[@]}"

heading() { printf '\n== %s (%d s)\n' "$1" "$SECONDS"; }

# Some steps run beside those after them: `rust` beside the installation and the TypeScript, which wait for the network and for one
# core, `demo` beside the release builds, `performance`, which uses one core, beside `cli`, and `deployed`, which waits for clocks, beside
# the rest. What such a step prints comes as a whole.
beside=
name=
output=
trap '[ -z "$beside" ] || kill -- "-$beside" 2>/dev/null || true; rm -f "$output"' EXIT
start_beside() {
  name=$1
  output=$(mktemp)
  # Job control gives it a process group, so that nothing of it outlives a failure elsewhere.
  set -m
  (set -e; "$name") >"$output" 2>&1 &
  beside=$!
  set +m
}
finish_beside() {
  [ -n "$beside" ] || return 0
  local status=0
  wait "$beside" || status=$?
  heading "$name, beside the steps above"
  cat "$output"
  rm "$output"
  [ "$status" = 0 ] || { echo "the step $name failed: $status" >&2; exit "$status"; }
  beside=
  name=
}

goes_beside() { # a step that runs, the next one
  case $1:$2 in
    rust:build | rust:lint | rust:constructs | demo:handlers | performance:cli | deployed:packages) ;;
    *) return 1 ;;
  esac
}

if [ "$1" = rust ]; then
  start_beside rust
  shift
fi
heading install
bash scripts/setup.sh
export PATH="$PWD/node_modules/.bin:$PATH"

for step in "$@"; do
  goes_beside "$name" "$step" || finish_beside
  if [[ "$step" =~ ^(demo|performance|deployed)$ && "$step" != "${!#}" ]]; then
    start_beside "$step"
    continue
  fi
  heading "$step"
  if [[ "$name" =~ ^(performance|deployed)$ ]]; then
    # It gives way: what runs beside it has deadlines to keep.
    (
      renice -n 10 "$BASHPID" >/dev/null
      "$step"
    )
  else
    "$step"
  fi
done
finish_beside
heading 'done'
