#!/usr/bin/env bash
# Installs what runs arm64 executables here: qemu, and the libraries they are linked with. Quick when it is there.
set -euo pipefail

packages=(qemu-user-static)
libraries=/lib/aarch64-linux-gnu
if [ "$(uname -m)" != aarch64 ]; then
  packages+=(libc6-arm64-cross libgcc-s1-arm64-cross)
  libraries=/usr/aarch64-linux-gnu/lib
fi
if command -v qemu-aarch64-static >/dev/null && [ -e "$libraries/libc.so.6" ] && [ -e "$libraries/libgcc_s.so.1" ]; then exit 0; fi
[ "$(id -u)" = 0 ] || { echo "qemu is missing: run 'apt-get install ${packages[*]}' as root" >&2; exit 1; }
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${packages[@]}" >/dev/null
