#!/usr/bin/env bash
# Publishes one language's packages in dist/ with publib. The environment says how: see publib's own documentation.
# Refuses a checkout with changes, other files than those that were built, and a version that is published with other bytes.
#
# usage: scripts/release/publish.sh install                              (needs no secret, so it gets none)
#        scripts/release/publish.sh npm | pypi | maven | nuget | golang  (publishes; with PUBLIB_DRYRUN=true, tries)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

publib=$PWD/scripts/release/publib
venv=$PWD/target/publish-venv

case ${1:-} in
  install)
    npm ci --prefix "$publib" --ignore-scripts --no-audit --no-fund --loglevel=error
    # With the system's packages, because publib tells pip to install for the user, which a closed venv refuses.
    python3 -m venv --clear --system-site-packages "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
      --requirement scripts/release/requirements-publish.txt
    exit ;;
  npm) folder=js ;;
  pypi) folder=python ;;
  maven) folder=java ;;
  nuget) folder=dotnet ;;
  golang) folder=go ;;
  *) sed -n '5,6s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac

bash scripts/release/clean-tree.sh
bash scripts/release/checksums.sh verify "dist/$folder"
state=$(bash scripts/release/published.sh "$1")
if [ "$state" = same ]; then
  echo "$1: this version is published already, with the same bytes"
  exit
fi

# A copy: publib writes signatures beside what it signs.
copy=target/publishing/$folder
rm -rf "$copy"
mkdir -p "$(dirname "$copy")"
cp -r "dist/$folder" "$copy"
# publib names Maven's gpg plugin without a version, and runs in this folder. Maven takes the newest unless a project here says which.
[ "$1" != maven ] || cp scripts/release/publib/maven-plugins.xml "$copy/pom.xml"
# publib runs `pip install --upgrade` beside the secrets. Without an index it can only find what `install` has left.
PIP_NO_INDEX=1 PATH="$venv/bin:$PATH" "$publib/node_modules/.bin/publib-$1" "$copy"
