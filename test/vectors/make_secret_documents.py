"""Prints test vectors for the document that holds the signing secrets, read by Python's own json and unicodedata."""

import json
import unicodedata

MIN_BYTES = 16
MAX_SECRETS = 20
# What Momento's own tools call the signing secret. Where one of them is there, nothing else in the document is one.
MOMENTO_NAMES = ("secret", "momentoSecret")
# What they say beside it. Everybody who knows a cache knows these, so they never sign.
DESCRIPTIONS = ("webhookName", "cacheName")


class Members(list):
    """The members of a JSON object in their order, repeated ones included."""


def is_well_formed(text):
    return not any(unicodedata.category(character) == "Cs" for character in text)


def can_be_secret(value):
    if not isinstance(value, str) or not is_well_formed(value) or len(value.encode()) < MIN_BYTES:
        return False
    return not any(
        end.isspace() or end == "\ufeff" or unicodedata.category(end) == "Cc" for end in (value[0], value[-1])
    )


def refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


def read(document):
    nothing = {"secrets": [], "leftOut": []}
    if not document.lstrip(" \t\r\n").startswith("{"):
        if can_be_secret(document):
            return {"secrets": [{"member": None, "secret": document}], "leftOut": [], "problem": None}
        return {**nothing, "problem": "NOT_A_SECRET" if document else "EMPTY"}
    try:
        members = json.loads(document, object_pairs_hook=Members, parse_constant=refuse_constant)
    except ValueError:
        return {**nothing, "problem": "NOT_JSON"}
    names = [name for name, _ in members]
    if not all(map(is_well_formed, names)):
        return {**nothing, "problem": "NOT_JSON"}
    from_momento = any(name in names for name in MOMENTO_NAMES)
    secrets, left_out = [], []
    for name, value in members:
        if name in DESCRIPTIONS or name in left_out:
            continue
        is_candidate = not from_momento or name in MOMENTO_NAMES
        if is_candidate and names.count(name) == 1 and can_be_secret(value):
            secrets.append({"member": name, "secret": value})
        else:
            left_out.append(name)
    problem = None if secrets else "NO_SECRETS"
    if len(secrets) > MAX_SECRETS:
        secrets, problem = [], "TOO_MANY"
    return {"secrets": secrets, "leftOut": left_out, "problem": problem}


S = "eb7f0c2d9a1b4e6f8c3d5a7b9e1f2d4c"
T = "0123456789abcdef"


def webhooks(count):
    return {f"webhook-{number}": f"{S}-{number}" for number in range(count)}


DOCUMENTS = [
    ("a signing secret", S),
    ("16 bytes", T),
    ("15 bytes", T[:15]),
    ("8 letters of 2 bytes", "é" * 8),
    ("4 emoji", "🎉" * 4),
    ("nothing", ""),
    ("one character", "y"),
    ("JSON null", "null"),
    ("a space", " "),
    ("blanks", " " * 32),
    ("line breaks", "\r\n" * 16),
    ("NULs", "\0" * 32),
    ("a line break at the end", f"{S}\n"),
    ("a space at the start", f" {S}"),
    ("a tab at the end", f"{S}\t"),
    ("a no-break space at the end", f"{S}\u00a0"),
    ("an ideographic space at the start", f"\u3000{S}"),
    ("a line separator at the end", f"{S}\u2028"),
    ("a byte order mark at the start", f"\ufeff{S}"),
    ("a byte order mark at the end", f"{S}\ufeff"),
    ("a NUL at the end", f"{S}\0"),
    ("an escape at the start", f"\x1b{S}"),
    ("a control character of C1 at the end", f"{S}\x85"),
    ("a delete at the end", f"{S}\x7f"),
    ("a zero-width space at the end, which is neither white space nor control", f"{S}\u200b"),
    ("a space, a line break and a NUL within", f"{T} \n\0{T}"),
    ("a JSON string, which is a secret to the letter", f'"{S}"'),
    ("a JSON array, which is a secret to the letter", f'["{S}"]'),
    ("what Momento's getWebhookSecret answers", json.dumps({"secret": S, "webhookName": "hook", "cacheName": "chat"})),
    (
        "the same with names as long as a secret",
        json.dumps({"cacheName": "chat-of-production", "secret": S, "webhookName": "webhook-of-production"}),
    ),
    ("the same without the secret", json.dumps({"webhookName": "webhook-of-production", "cacheName": "chat" * 4})),
    ("a cache's name beside a webhook", json.dumps({"chat": S, "cacheName": "chat-of-production"})),
    ("momentoSecret", json.dumps({"momentoSecret": S})),
    ("both of Momento's names", json.dumps({"momentoSecret": S, "secret": T})),
    ("secret beside another long member", json.dumps({"secret": S, "endpoint": "https://example.com/"})),
    ("momentoSecret, unusable, beside another", json.dumps({"momentoSecret": "short", "chat": S})),
    ("a name that differs in case", json.dumps({"Secret": S, "chat": T})),
    ("one webhook", json.dumps({"chat": S})),
    ("two webhooks", json.dumps({"chat": S, "orders": T})),
    ("two webhooks with one secret", json.dumps({"chat": S, "orders": S})),
    ("white space around the object", f' \t\r\n{{ "chat" : "{S}" }} \t\r\n'),
    ("a no-break space before the object", f'\u00a0{{"chat":"{S}"}}'),
    ("a byte order mark before the object", f'\ufeff{{"chat":"{S}"}}'),
    ("a byte order mark after the object", f'{{"chat":"{S}"}}\ufeff'),
    ("escapes in name and value", f'{{"ch\\u0061t":"{T}\\u0021\\/"}}'),
    ("a name that is empty", json.dumps({"": S})),
    ("names that JavaScript knows", f'{{"__proto__":"{S}","constructor":"{T}","10":"{T}!","9":"{T}?"}}'),
    ("names with control characters", json.dumps({"a\nb": S, "\u202e": "short"})),
    ("no members", "{}"),
    ("a number beside a webhook", json.dumps({"chat": S, "version": 2})),
    ("a number of 16 digits beside a webhook", '{"chat":"' + S + '","created":1732600000000000}'),
    (
        "null, true, an array and an object beside a webhook",
        json.dumps({"a": None, "b": True, "c": [S], "d": {"secret": S}, "chat": S}),
    ),
    ("a deep array beside a webhook", '{"a":' + "[" * 200 + "]" * 200 + ',"chat":"' + S + '"}'),
    ("an object in an object", json.dumps({"chat": {"secret": S}})),
    (
        "one bad member of each kind",
        json.dumps(
            {
                "empty": "",
                "short": T[:15],
                "blank": " " * 16,
                "broken": f"{S}\n",
                "mark": f"\ufeff{S}",
                "nul": f"\0{S}",
                "chat": S,
            }
        ),
    ),
    ("only bad members", json.dumps({"enabled": "y", "count": 3})),
    ("half an emoji in a value", '{"half":"' + T + '\\ud83d","chat":"' + S + '"}'),
    ("an emoji in escapes", '{"whole":"' + T + '\\ud83d\\ude00"}'),
    ("half an emoji in a name", '{"\\ud83d":"' + T + '","chat":"' + S + '"}'),
    ("a name twice", f'{{"chat":"{S}","orders":"{T}","chat":"{T}!"}}'),
    ("a name twice, with one value", f'{{"chat":"{S}","chat":"{S}"}}'),
    ("a name twice, once in escapes", f'{{"chat":"{S}","ch\\u0061t":"{T}"}}'),
    ("Momento's name twice", f'{{"secret":"{S}","secret":"{T}"}}'),
    ("20 webhooks", json.dumps(webhooks(20))),
    ("20 webhooks and what is not a secret", json.dumps({**webhooks(20), "version": 2, "cacheName": "chat"})),
    ("21 webhooks", json.dumps(webhooks(21))),
    ("an object that is not closed", f'{{"chat":"{S}"'),
    ("a comma too many", f'{{"chat":"{S}",}}'),
    ("single quotes", f"{{'chat':'{S}'}}"),
    ("text after the object", f'{{"chat":"{S}"}} {{}}'),
    ("a line break within a string", f'{{"chat":"{S}\n"}}'),
    ("a comment", f'{{"chat":"{S}"/* production */}}'),
    ("a word that only JavaScript knows", f'{{"chat":"{S}","age":NaN}}'),
    ("a number with a leading zero", f'{{"chat":"{S}","age":01}}'),
    ("an opening brace alone", "{"),
    ("a template that was never filled in", "{{resolve:secretsmanager:momento}}"),
]

print(json.dumps([{"name": name, "document": document, **read(document)} for name, document in DOCUMENTS], indent=1))
