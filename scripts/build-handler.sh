#!/usr/bin/env bash
# Builds what Lambda runs: assets/<handler>-<architecture>.zip, each with one executable named `bootstrap`.
#
# usage: scripts/build-handler.sh [arm64] [x86_64]      (both unless named)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

handlers=(webhook redrive deliver changes follow-rotation)
architectures=("$@")
[ $# -gt 0 ] || architectures=(arm64 x86_64)

# Where the sources lie on this machine is nobody's business, and would make the same source another binary elsewhere.
export RUSTFLAGS="--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo --remap-path-prefix=$PWD=/source"

# Makes sure that Rust and a linker for the target are here. The machine's own target always is.
prepare() {
  local target=$1
  [ "$target" != "$(rustc -vV | sed -n 's/^host: //p')" ] || return 0
  if ! [ -d "$(rustc --print sysroot)/lib/rustlib/$target" ]; then
    rustup target add "$target" ||
      { echo "Rust's standard library for $target is missing: run 'rustup target add $target'" >&2; exit 1; }
  fi
  local gcc=${target%%-*}-linux-gnu packages
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

# Writes a zip that depends on nothing but the executable: no time, no owner.
pack() {
  python3 - "$1" "$2" <<'PYTHON'
import sys
import zipfile

executable, archive = sys.argv[1:]
entry = zipfile.ZipInfo("bootstrap", (1980, 1, 1, 0, 0, 0))
entry.compress_type = zipfile.ZIP_DEFLATED
entry.create_system = 3  # Unix, so that the permissions below count
entry.external_attr = 0o100755 << 16
with open(executable, "rb") as source, zipfile.ZipFile(archive, "w") as target:
    target.writestr(entry, source.read(), compresslevel=9)
PYTHON
}

mkdir -p assets
for architecture in "${architectures[@]}"; do
  case $architecture in
    arm64) target=aarch64-unknown-linux-gnu ;;
    x86_64) target=x86_64-unknown-linux-gnu ;;
    *) echo "'$architecture' is no architecture of Lambda's: arm64 or x86_64" >&2; exit 1 ;;
  esac
  prepare "$target"
  for handler in "${handlers[@]}"; do
    cargo build --quiet --locked --release --target "$target" --bin "$handler"
    pack "target/$target/release/$handler" "assets/$handler-$architecture.zip"
    echo "assets/$handler-$architecture.zip: $(stat -c %s "assets/$handler-$architecture.zip") bytes"
  done
done
