"""Prints test vectors for paths in an event: which are one, and what is at their place in an event."""

import json

EVENT = {
    "version": "0",
    "detail-type": "OrderPlaced",
    "resources": ["arn:aws:s3:::orders"],
    "detail": {
        "id": "A-1",
        "note": None,
        "items": [{"sku": "x"}, {"sku": "y"}],
        "rows": [[1, 2], [3, 4]],
        "a-b": {"c d": "deep", "é🎉": "not ASCII"},
        "a}b": "a brace",
        " ": "a space",
        "0": "a digit",
    },
}

PATHS = [
    "detail",
    "detail-type",
    "version",
    "resources[0]",
    "detail.id",
    "detail.note",
    "detail.items",
    "detail.items[1].sku",
    "detail.items[01].sku",
    "detail.rows[1][0]",
    "detail.a-b.c d",
    "detail.a-b.é🎉",
    "detail.a}b",
    "detail. ",
    "detail.0",
    # Paths, but of nothing that is there.
    "account",
    "detail.ID",
    "detail.id.deeper",
    "detail.id[0]",
    "detail.items.0",
    "detail.items[2]",
    "detail.items[18446744073709551615]",
    "detail.items[18446744073709551616]",
    "detail.items[99999999999999999999999999999999]",
    "detail[0]",
    "detail.é",
    "detail.a\nb",
    # No paths.
    "",
    " ",
    ".",
    "[0]",
    "details.id",
    "Detail",
    "detail ",
    "detail\n",
    "$.detail",
    "$.detail.id",
    "detail.",
    ".detail",
    "detail..id",
    "detail.items[",
    "detail.items]",
    "detail.items[]",
    "detail.items[0",
    "detail.items0]",
    "detail.items[0]]",
    "detail.items[[0]]",
    "detail.items[0]sku",
    "detail.items[0].",
    "detail.items.[0]",
    "detail.items[-1]",
    "detail.items[+1]",
    "detail.items[ 1]",
    "detail.items[1.0]",
    "detail.items[1e0]",
    "detail.items[0x1]",
    "detail.items[*]",
    "detail.items[sku]",
    "detail.items['sku']",
    # A digit in Unicode, but not in ASCII.
    "detail.items[\u0661]",
    "{detail.id}",
    "{detail",
    "detail]",
]

MEMBERS = ["account", "detail", "detail-type", "id", "region", "resources", "source", "time", "version"]


def steps(path):
    """The names and the indices of a path, or None; read one character at a time."""
    found, name, index = [], "", None
    after_index = False
    for character in path + ".":
        if index is not None:
            if character == "]" and index:
                found.append(int(index))
                index, after_index = None, True
            elif character in "0123456789":
                index += character
            else:
                return None
        elif character in ".[":
            if not after_index:
                if not name:
                    return None
                found.append(name)
                name = ""
            index = "" if character == "[" else None
            after_index = False
        elif character == "]" or after_index:
            return None
        else:
            name += character
    return found if index is None and found[0] in MEMBERS else None


def value_at(path):
    value = EVENT
    for step in path:
        if isinstance(step, int):
            if not isinstance(value, list) or step >= len(value):
                return None
            value = value[step]
        else:
            if not isinstance(value, dict) or step not in value:
                return None
            value = value[step]
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def vector(path):
    found = steps(path)
    return {"path": path, "isPath": found is not None, "json": value_at(found) if found is not None else None}


print(json.dumps({"event": EVENT, "paths": [vector(path) for path in PATHS]}, indent=2, ensure_ascii=False))
