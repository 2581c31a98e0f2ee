#!/usr/bin/env bash
# Everything that CI runs, and all that it takes on a fresh machine. Stops at the first step that fails.
#
# usage: scripts/test.sh [step...]      (all unless named; whatever the order)
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
  # Fuzzing needs a nightly compiler, so its crate is not compiled here.
  (cd handler/fuzz && cargo update --quiet --workspace --locked)
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
wanted=" install $* "

# A stage starts when the one before it is over. Its lanes run side by side, each with its steps one after the other: what waits, for the
# network, for one core or for clocks, beside what computes.
stages=(
  'rust | install build lint constructs'
  'demo | handlers'
  'performance deployed | cli | packages'
)

install() { bash scripts/setup.sh; }

logs=$(mktemp -d)
groups=()
stop() {
  local group
  for group in "${groups[@]}"; do kill -- "-$group" 2>/dev/null || true; done
  rm -r "$logs"
}
trap stop EXIT

heading() { printf '\n== %s (%d s)\n' "$1" "$SECONDS"; }

run_lane() { # steps...
  trap '[ $? = 0 ] || echo "$running" >>"$logs/failed"' EXIT
  for running in "$@"; do
    heading "$running"
    # It gives way: what runs beside it has deadlines to keep.
    [ "$running" != packages ] || renice -n 10 "$BASHPID" >/dev/null
    "$running"
  done
}

start_lane() { # steps...
  # Job control gives it a process group, so that nothing of it outlives a failure elsewhere.
  set -m
  (run_lane "$@") </dev/null &
  groups+=("$!")
  set +m
}

run_stage() { # its lanes
  local lane step steps lanes=() status=0
  while read -r -d '|' lane; do
    steps=()
    for step in $lane; do [[ "$wanted" != *" $step "* ]] || steps+=("$step"); done
    [ ${#steps[@]} = 0 ] || lanes+=("${steps[*]}")
  done <<<"$1|"

  # What a lane prints comes as a whole, but for the last lane.
  for lane in "${!lanes[@]}"; do
    read -ra steps <<<"${lanes[lane]}"
    if [ $((lane + 1)) = ${#lanes[@]} ]; then
      start_lane "${steps[@]}"
    else
      start_lane "${steps[@]}" &>"$logs/$lane"
    fi
  done
  for _ in "${lanes[@]}"; do wait -n || { status=$?; break; }; done
  if [ "$status" = 127 ] && [ ! -e "$logs/failed" ]; then
    # A lane was killed before 'wait -n' began, which then does not know it any more. When it says so, no lane is left to wait for.
    for lane in "${groups[@]}"; do wait "$lane" || status=$?; done
  fi
  cat "$logs"/[0-9]* 2>/dev/null || true
  rm -f "$logs"/[0-9]*
  if [ "$status" != 0 ]; then
    # A lane that was killed could not say which step it was at.
    echo "failed: $(paste -sd ' ' "$logs/failed" 2>/dev/null || echo "a lane of '$1'"): $status" >&2
    exit 1
  fi
}

for stage in "${stages[@]}"; do run_stage "$stage"; done
heading 'done'
