"""Prints test vectors for the webhook signature, computed by Python's own hmac and hashlib (OpenSSL's SHA-3)."""

import hashlib
import hmac
import json

DOCUMENTED = (
    '{"cache":"chat","topic":"room-281","event_timestamp":1683219700000,"publish_timestamp":1683219699000,'
    '"topic_sequence_number":12,"token_id":"user-17","text":"Here I am!!"}'
)
CASES = [
    ("a message", "pGf2kYqS1sX0pGf2", DOCUMENTED.encode()),
    ("an empty body", "pGf2kYqS1sX0pGf2", b""),
    ("a secret longer than a SHA3-256 block", "k" * 137, DOCUMENTED.encode()),
    ("a secret as long as a SHA3-256 block", "k" * 136, DOCUMENTED.encode()),
    ("a secret that is not ASCII", "geheim-é-密", DOCUMENTED.encode()),
    ("a body that is not ASCII", "pGf2kYqS1sX0pGf2", '{"text":"¡Hola! 👋 こんにちは"}'.encode()),
    ("a body that is not UTF-8", "pGf2kYqS1sX0pGf2", bytes(range(256))),
    ("a body of many blocks", "pGf2kYqS1sX0pGf2", b"0123456789abcdef" * 64),
]

print(
    json.dumps(
        [
            {
                "name": name,
                "secret": secret,
                "bodyHex": body.hex(),
                "hmacSha3_256": hmac.new(secret.encode(), body, hashlib.sha3_256).hexdigest(),
                "hmacSha256": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
            }
            for name, secret, body in CASES
        ],
        ensure_ascii=False,
        indent=1,
    )
)
