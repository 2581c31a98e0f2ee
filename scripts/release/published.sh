#!/usr/bin/env bash
# Says whether a registry has this version: publib skips a version that is there, whatever its bytes are.
#
# usage: scripts/release/published.sh npm | pypi | maven | nuget | golang
#   prints `same` if the registry has every file of it, or else `missing`
#   fails if the registry has other bytes than dist/, or does not tell
#
# Other registries, where the environment names them: NPM_REGISTRY and DISABLE_HTTPS (publib's), PYPI_INDEX_URL,
# MAVEN_PUBLIC_URL, NUGET_FLAT_CONTAINER.
set -euo pipefail
shopt -s globstar
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
name=$(node -p 'require("./package.json").name')
version=$(node -p 'require("./package.json").version')
fail() {
  echo "release: $*" >&2
  exit 1
}

# fetch URL: into $scratch/answer; returns 1 where there is no such thing.
fetch() {
  local status
  status=$(node -e '
    fetch(process.argv[1]).then(async (answer) => {
      require("fs").writeFileSync(process.argv[2], Buffer.from(await answer.arrayBuffer()));
      console.log(answer.status);
    });
  ' "$1" "$scratch/answer") || fail "$1 cannot be reached"
  case $status in
    200) ;;
    404) return 1 ;;
    *) fail "$1 answers $status" ;;
  esac
}

missing=0
# compare FILE PUBLISHED OURS: hashes, or the like. The published one is empty where the registry has no such file.
compare() {
  [ -e "$1" ] || fail "$1 is missing: run scripts/release/build.sh"
  if [ -z "$2" ]; then
    missing=$((missing + 1))
  elif [ "$2" != "$3" ]; then
    fail "version $version is published already, and its $(basename "$1") has other bytes than $1. Release a new version."
  fi
}

npm() {
  local file published scheme=https registry
  [ -z "${DISABLE_HTTPS:-}" ] || scheme=http
  # Without NPM_REGISTRY, publib publishes to npm's own, which is npm's default.
  registry=${NPM_REGISTRY:+$scheme://$NPM_REGISTRY}
  [ -n "$registry" ] || registry=$(command npm config get registry)
  for file in dist/js/*.tgz; do
    published=
    if fetch "${registry%/}/$name"; then
      published=$(node -p 'JSON.parse(require("fs").readFileSync(process.argv[1])).versions[process.argv[2]]?.dist.integrity ?? ""' \
        "$scratch/answer" "$version")
    fi
    compare "$file" "$published" "$(integrity "$file")"
  done
}
# As npm writes it.
integrity() { node -p '"sha512-" + require("crypto").createHash("sha512").update(require("fs").readFileSync(process.argv[1])).digest("base64")' "$1"; }

pypi() {
  local file published
  : >"$scratch/index"
  ! fetch "${PYPI_INDEX_URL:-https://pypi.org/simple}/$name/" || mv "$scratch/answer" "$scratch/index"
  for file in dist/python/*; do
    published=$(grep -oP "/\Q$(basename "$file")\E#sha256=\K[0-9a-f]{64}" "$scratch/index" | head -1) || true
    compare "$file" "$published" "$(sha256 <"$file")"
  done
}

maven() {
  local file published
  for file in dist/java/**/"$version"/*.{jar,pom}; do
    published=
    ! fetch "${MAVEN_PUBLIC_URL:-https://repo1.maven.org/maven2}/${file#dist/java/}" || published=$(sha256 <"$scratch/answer")
    compare "$file" "$published" "$(sha256 <"$file")"
  done
}

nuget() {
  local file published id
  for file in dist/dotnet/*.nupkg; do
    id=$(basename "$file" ".$version.nupkg" | tr '[:upper:]' '[:lower:]')
    published=
    ! fetch "${NUGET_FLAT_CONTAINER:-https://api.nuget.org/v3-flatcontainer}/$id/$version/$id.$version.nupkg" ||
      published=$(entries "$scratch/answer")
    compare "$file" "$published" "$(entries "$file")"
  done
}
# NuGet adds its own signature to a package, so not the bytes of the zip but those in it are the same.
entries() {
  python3 -c 'import sys, zipfile
for entry in zipfile.ZipFile(sys.argv[1]).infolist():
    print(entry.filename, hex(entry.CRC))' "$1" | grep -v '^\.signature\.p7s ' | LC_ALL=C sort
}

golang() {
  local module folder path repository tag status published
  for module in dist/go/*/go.mod; do
    status=0
    published=
    folder=$(dirname "$module")
    path=$(sed -n 's/^module //p' "$module")
    repository=https://$(cut -d/ -f1-3 <<<"$path").git
    tag=$(cut -d/ -f4- <<<"$path")/v$version
    git ls-remote --exit-code --tags "$repository" "refs/tags/$tag" >/dev/null || status=$?
    case $status in
      0)
        git clone --quiet --depth 1 --branch "$tag" -c advice.detachedHead=false "$repository" "$scratch/clone"
        published=$(tree "$scratch/clone/$(cut -d/ -f4- <<<"$path")") ;;
      2) ;; # there is no such tag
      *) fail "$repository cannot be read" ;;
    esac
    compare "$folder" "$published" "$(tree "$folder")"
  done
}
tree() { (cd "$1" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum); }

sha256() { sha256sum | cut -c1-64; }

case ${1:-} in
  npm | pypi | maven | nuget | golang) "$1" ;;
  *) sed -n '4,6s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
if [ "$missing" = 0 ]; then echo same; else echo missing; fi
