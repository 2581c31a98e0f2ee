#!/usr/bin/env bash
# Keeps the SHA-256 of every file of a release, in dist/SHA256SUMS.
#
# usage: scripts/release/checksums.sh write             (after the build)
#        scripts/release/checksums.sh verify [folder]   (before publishing: the folder, or everything, has these files and no others)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

sums=dist/SHA256SUMS
fail() {
  echo "release: $*" >&2
  exit 1
}
# dist/ can have more, such as templates for a bucket of one's own.
parts=(assets dist/js dist/python dist/java dist/dotnet dist/go dist/templates dist/sbom dist/release-notes.md)
files() { find "$@" -type f | LC_ALL=C sort; }

case ${1:-} in
  write)
    files "${parts[@]}" | xargs -d '\n' sha256sum >"$sums"
    echo "$sums: $(wc -l <"$sums") files" ;;
  verify)
    [ -f "$sums" ] || fail "$sums is missing: run scripts/release/build.sh"
    folders=("${@:2}")
    [ $# -gt 1 ] || folders=("${parts[@]}")
    for folder in "${folders[@]}"; do
      listed=$(grep -E "^[0-9a-f]{64}  $folder(/|$)" "$sums") || fail "$sums has no files of $folder"
      changed=$(diff <(cut -c67- <<<"$listed") <(files "$folder") | sed -n 's/^[<>] //p') || true
      [ -z "$changed" ] || fail "$folder has other files than those that were built: ${changed//$'\n'/, }"
      changed=$(sha256sum --quiet --check <<<"$listed" 2>/dev/null | sed 's/: FAILED.*//') || true
      [ -z "$changed" ] || fail "$folder has other bytes than those that were built: ${changed//$'\n'/, }"
    done ;;
  *) sed -n '4,5s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
