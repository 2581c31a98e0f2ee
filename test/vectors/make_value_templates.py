"""Prints test vectors for value templates: which are JSON, which only look like it, which are a text."""

import json
import re

TEMPLATES = [
    '{{"name":"{name}","n":{n}}}',
    '[{a},"{b}", null]',
    '"{a}"',
    ' \n\t{{"a": {{"b": [{c}]}} }} ',
    '{{}}',
    '[]',
    '{{"{a}":1,"{a}":2}}',
    '{{"a\\\\":{b}}}',
    '{{"a":"\\"{b}"}}',
    '{{"🎉":"{a}"}}',
    # A comma too many, one missing, a brace or a quote missing.
    '{{"name":"{name}","n":{n},}}',
    '{{"name":"{name}" "n":{n}}}',
    '{{"name":"{name}","n":{n}',
    '{{"name":"{name},"n":{n}}}',
    '{{name:"{name}"}}',
    "{{'name':'{name}'}}",
    '{{"n":{n}.5}}',
    '{{"n":-{n}}}',
    '{{"a":NaN,"b":{b}}}',
    '[{a},]',
    '[{a}] and {b}',
    '"{a}',
    '"{a}" {b}',
    # A value would follow a backslash, or be among the digits of an escape.
    '{{"a":"\\{b}"}}',
    '{{"a":"\\u00{b}"}}',
    '{{"a":"a line\n{b}"}}',
    # Spaces that are not JSON's.
    '\u00a0{{"a":{b}}}',
    '\ufeff{{"a":{b}}}',
    '{a}',
    '{a}{{',
    '{MinTemp} to {MaxTemp}',
    'say "{a}"',
    'null',
    '5',
    '}}',
]


def no_constant(_name):
    raise ValueError("not JSON")


def kind(template):
    sample, quoted, escaped = "", False, False
    for part in re.findall(r"\{\{|\}\}|\{[^{}]+\}|[^{}]", template, re.DOTALL):
        if len(part) > 2:
            sample += "x" if quoted else "null"
            continue
        character = part[0]
        sample += character
        if character == '"' and not escaped:
            quoted = not quoted
        escaped = quoted and character == "\\" and not escaped
    # Python takes the characters U+001C to U+001F for white space too, which no template here has.
    if not sample.lstrip().lstrip("\ufeff").startswith(("{", "[", '"')):
        return "text"
    try:
        json.loads(sample, parse_constant=no_constant)
    except ValueError:
        return "malformed"
    return "json"


print(json.dumps([{"template": template, "kind": kind(template)} for template in TEMPLATES], indent=2, ensure_ascii=False))
