#!/usr/bin/env bash
# Builds what Lambda runs: assets/<handler>-<architecture>.zip, each with one executable named `bootstrap` and the licences of what
# it is made of, and assets/manifest.json, which describes them. The same source makes the same bytes, wherever it lies, with
# the same versions of rustc and of the linker.
#
# usage: scripts/build-handler.sh [arm64] [x86_64]      (both unless named)
# Needs Rust, a C compiler, Node.js and, from `npm ci`, node_modules/. What it takes to build for the other architecture it gets.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

architectures=("$@")
[ $# -gt 0 ] || architectures=(arm64 x86_64)
[ -d node_modules/fflate ] || { echo "node_modules/ is missing: run 'npm ci'" >&2; exit 1; }

# Where things lie on this machine is nobody's business, and would make the same source another binary elsewhere.
flags=("--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo" "--remap-path-prefix=$PWD=/source")
# Without the index of what unwinds the stack: panics abort, and it takes 1.4 % of a zip.
flags+=('-Clink-arg=-Wl,--no-eh-frame-hdr')
# Not RUSTFLAGS, where a space in a path would end a flag.
CARGO_ENCODED_RUSTFLAGS=$(IFS=$'\x1f' && echo "${flags[*]}")
export CARGO_ENCODED_RUSTFLAGS
# For handler/build.rs: what runs together lies together.
export FUNCTION_ORDER=$PWD/scripts/handler/function-order.ld
# Not where somebody's CARGO_TARGET_DIR says: that path is not replaced.
export CARGO_TARGET_DIR=target

build() {
  local architecture=$1 target rustc=rustc
  case $architecture in
    arm64) target=aarch64-unknown-linux-gnu ;;
    x86_64) target=x86_64-unknown-linux-gnu ;;
    *) echo "unknown architecture '$architecture': pass arm64 or x86_64" >&2; exit 1 ;;
  esac
  # The machine's own target is always there.
  if [ "$target" != "$(rustc -vV | sed -n 's/^host: //p')" ]; then
    find_linker "$target"
    find_standard_library "$target"
  fi
  RUSTC=$rustc cargo build --quiet --locked --release --package cdk-momento-eventbridge-handler --bins --target "$target"
  node --import tsx scripts/handler/pack.ts "$architecture" "$target" "target/$target/release" "$("$rustc" --version)"
}

# Sets `rustc` to a compiler with the standard library for a target: the machine's own, or Debian's where rustup's servers cannot
# be reached.
find_standard_library() {
  local target=$1
  [ ! -d "$(rustc --print sysroot)/lib/rustlib/$target" ] || return 0
  ! rustup target add "$target" || return 0
  echo "rustup has no $target: trying Debian's Rust" >&2
  bash scripts/handler/debian-rust.sh "$(debian "$target")" target/debian-rust ||
    { echo "Rust's standard library for $target is missing: run 'rustup target add $target'" >&2; exit 1; }
  rustc=$PWD/target/debian-rust/rustc
}

find_linker() {
  local target=$1 gcc packages
  gcc=${target%%-*}-linux-gnu
  packages="gcc-${gcc//_/-} libc6-dev-$(debian "$target")-cross"
  if ! command -v "$gcc-gcc" >/dev/null; then
    [ "$(id -u)" = 0 ] || { echo "a linker for $target is missing: run 'apt-get install $packages' as root" >&2; exit 1; }
    apt-get update -qq
    # shellcheck disable=SC2086  # two packages
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $packages >/dev/null
  fi
  export "CARGO_TARGET_$(tr 'a-z-' 'A-Z_' <<<"$target")_LINKER=$gcc-gcc"
}

debian() { case $1 in aarch64-*) echo arm64 ;; x86_64-*) echo amd64 ;; esac; }

for architecture in "${architectures[@]}"; do
  build "$architecture"
done
