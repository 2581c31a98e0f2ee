#!/usr/bin/env bash
# Unpacks Debian's Rust, with its standard library for one more architecture, into a folder. Nothing is installed, the
# system's apt is not changed, and root is not needed. For machines that have Debian's packages but not rustup's downloads.
#
# usage: scripts/handler/debian-rust.sh ARCHITECTURE FOLDER     (arm64 or amd64)
# Afterwards FOLDER/rustc is the compiler. Quick when it is there already.
set -euo pipefail

foreign=$1
mkdir -p "$2"
folder=$(realpath "$2")
[ ! -x "$folder/rustc" ] || exit 0
[[ "$folder" != *[[:space:]]* ]] || { echo "$folder: apt takes no folder with spaces in its name" >&2; exit 1; }
command -v apt-get >/dev/null || { echo "this machine has no apt-get to get Debian's Rust with" >&2; exit 1; }

mkdir -p "$folder"/{lists,cache/archives,packages}/partial
apt=(
  -qq -o APT::Sandbox::User="$(id -un)" -o Dir::State::Lists="$folder/lists" -o Dir::Cache="$folder/cache"
  -o APT::Architectures::="$(dpkg --print-architecture)" -o APT::Architectures::="$foreign"
)
apt-get "${apt[@]}" update

# rustc-web is the Rust that Debian keeps new enough for its browsers.
version=$(apt-cache "${apt[@]}" show --no-all-versions rustc-web | sed -n 's/^Version: //p')
[ -n "$version" ] || { echo "this system's archive has no package rustc-web" >&2; exit 1; }
standard_library=$(apt-cache "${apt[@]}" depends "libstd-rust-web-dev=$version" | sed -n 's/.*Depends: //p')
# `Inst NAME (…` is a new package, `Inst NAME [version] (…` a newer version of what the system has, and does with.
mapfile -t missing < <(apt-get "${apt[@]}" --simulate --no-install-recommends install "rustc-web=$version" |
  sed -n 's/^Inst \([^ ]*\) (.*/\1/p')
(
  cd "$folder/packages"
  apt-get "${apt[@]}" download "${missing[@]}" "libstd-rust-web-dev:$foreign=$version" "$standard_library:$foreign=$version"
  for package in *.deb; do dpkg-deb --extract "$package" "$folder"; done
)
rm -rf "$folder"/{lists,cache,packages}

cat >"$folder/rustc.new" <<RUSTC
#!/bin/sh
LD_LIBRARY_PATH="$folder/usr/lib/$(uname -m)-linux-gnu\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}" exec "$folder/usr/bin/rustc" "\$@"
RUSTC
chmod +x "$folder/rustc.new"
"$folder/rustc.new" --version >/dev/null
# Last, so that an interrupted run is done again.
mv "$folder/rustc.new" "$folder/rustc"
