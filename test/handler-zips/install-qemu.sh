#!/usr/bin/env bash
# Installs what runs executables of the other architecture here, and arm64's as on an older processor: qemu, and the libraries
# that they are linked with. Quick when it is there.
set -euo pipefail

case $(uname -m) in
  aarch64) other=x86_64 debian=amd64 ;;
  *) other=aarch64 debian=arm64 ;;
esac
packages=(qemu-user-static "libc6-$debian-cross" "libgcc-s1-$debian-cross")
libraries=/usr/$other-linux-gnu/lib
if command -v qemu-aarch64-static >/dev/null && [ -e "$libraries/libc.so.6" ] && [ -e "$libraries/libgcc_s.so.1" ]; then exit 0; fi
[ "$(id -u)" = 0 ] || { echo "qemu is missing: run 'apt-get install ${packages[*]}' as root" >&2; exit 1; }
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${packages[@]}" >/dev/null
