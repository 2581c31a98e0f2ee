#!/usr/bin/env bash
# Installs what the tests and the demo need: node_modules/, .venv/ (the local AWS, the AWS CLI), .venv-checkov/ and test/event-ruler/lib/
# (EventBridge's matcher). Quick when nothing has changed.
#
# Usage: scripts/setup.sh [--without-linters]               (an audit needs no linters, and no matcher)
#        scripts/setup.sh node-modules | local-aws          (only that)
set -euo pipefail
cd "$(dirname "$0")/.."

requirements=(tools/local-aws/requirements.txt)
[[ "${1:-}" =~ ^(--without-linters|local-aws)$ ]] || \
  requirements+=(tools/local-aws/requirements-lint.txt scripts/requirements-workflows.txt test/examples/requirements-aws-cli.txt)

fail() {
  echo "setup: $*" >&2
  exit 1
}

# A stamp holds the hash of what was installed. It is written last, so an interrupted installation is done again.
is_current() { # stamp files...
  [[ -f "$1" && "$(cat "$1")" == "$(hash_of "${@:2}")" ]]
}
hash_of() {
  cat "$@" | git hash-object --stdin
}

install_node_modules() {
  local stamp=node_modules/.setup-stamp
  is_current "$stamp" package.json package-lock.json && return
  command -v npm >/dev/null || fail 'needs Node.js 20.16 or newer, with npm'
  # What a developer just installed with npm is not thrown away: npm's own record says whether it matches the lock file.
  if [[ ! -d node_modules ]] || ! npm ls --all --silent >/dev/null 2>&1; then
    echo 'setup: npm packages'
    npm ci --no-audit --no-fund --loglevel=error
  fi
  hash_of package.json package-lock.json >"$stamp"
}

create_venv() {
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || fail 'needs Python 3.11 or newer'
  # Debian packages the module that venv needs apart from Python itself.
  if ! python3 -c 'import ensurepip' 2>/dev/null; then
    command -v apt-get >/dev/null || fail "this Python has no ensurepip: install your system's package for Python venv"
    [[ $EUID -eq 0 ]] || fail 'first run: sudo apt-get install python3-venv'
    apt-get update -qq
    apt-get install -qq -y --no-install-recommends python3-venv >/dev/null
  fi
  python3 -m venv --clear .venv
}

install_python_packages() {
  local file stamp
  for file in "${requirements[@]}"; do
    stamp=".venv/.setup-stamp-$(basename "$file" .txt)"
    is_current "$stamp" "$file" && continue
    echo "setup: Python packages of $file"
    .venv/bin/python -c '' 2>/dev/null || create_venv
    # The files name every package, so pip has nothing to resolve.
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement "$file"
    hash_of "$file" >"$stamp"
  done
}

# Apart from the others: it pins versions that cfn-lint does not take.
install_checkov() {
  local file=scripts/requirements-checkov.txt
  local stamp=.venv-checkov/.setup-stamp
  is_current "$stamp" "$file" && return
  echo "setup: Python packages of $file"
  python3 -m venv --clear .venv-checkov
  .venv-checkov/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement "$file"
  hash_of "$file" >"$stamp"
}

install_event_ruler() {
  local directory=test/event-ruler
  local stamp=$directory/lib/.setup-stamp
  is_current "$stamp" "$directory/pom.xml" && return
  command -v mvn >/dev/null || fail 'needs a JDK, 17 or newer, and Maven'
  echo 'setup: Event Ruler'
  rm -rf "${directory:?}/lib"
  mvn --quiet --batch-mode --file "$directory" dependency:copy-dependencies
  hash_of "$directory/pom.xml" >"$stamp"
}

case "${1:-}" in
  node-modules) install_node_modules; exit ;;
  local-aws) install_python_packages; exit ;;
esac

# Side by side: npm waits for the network where pip computes.
trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT
install_python_packages &
python_packages=$!
install_node_modules
[[ "${1:-}" == --without-linters ]] || install_event_ruler
wait "$python_packages"
# After them: they install the module that a venv needs, where it is missing.
[[ "${1:-}" == --without-linters ]] || install_checkov
