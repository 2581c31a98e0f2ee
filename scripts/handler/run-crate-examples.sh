#!/usr/bin/env bash
# Runs the examples of the Rust crates as their documentation says to, and fails unless each prints what it should.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

body='{"text":"Hello"}'
signature=$(node -e 'console.log(crypto.createHmac("sha3-256", "a secret").update(process.argv[1]).digest("hex"))' "$body")
verify() { # signing secret; reads the body
  SIGNING_SECRET=$1 cargo run --quiet --locked --package cdk-momento-eventbridge-signature --example verify_signature -- "$signature" || true
}
expect() { # what it printed, what it should have printed
  [ "$1" = "$2" ] || { printf 'expected %s\n     got %s\n' "$2" "$1" >&2; exit 1; }
}

expect "$(printf %s "$body" | verify 'a secret')" genuine
expect "$(printf %s "$body" | verify 'another secret')" 'not genuine'
expect "$(printf '%s\n' "$body" | verify 'a secret')" 'not genuine'
expect "$(cargo run --quiet --locked --example command_entry -- chat greeting Hello)" \
  '[{"Source":"orders","DetailType":"cacheSet","Detail":"{\"cacheName\":\"chat\",\"key\":\"greeting\",\"message\":\"Hello\",\"ttl\":3600}"}]'
