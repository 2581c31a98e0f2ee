#!/usr/bin/env bash
# Installs valgrind, which counts the instructions of the handlers for x86_64. Quick when it is there. Without root it says what to
# do, and the count is skipped.
set -euo pipefail

[ "$(uname -m)" = x86_64 ] || exit 0
! command -v valgrind >/dev/null || exit 0
[ "$(id -u)" = 0 ] || { echo "valgrind is missing: run 'apt-get install valgrind' as root" >&2; exit 0; }
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends valgrind >/dev/null
