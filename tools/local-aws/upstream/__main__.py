"""Runs the reproductions: against ministack as it is, which must show each defect, and with our fixes, which must not.

Usage: python -m upstream [NAME...]          (all of them unless named)
       python -m upstream --report NAME      prints what to file upstream

Exit status: 0 if every defect shows without its fix and none with it, 1 if not.
"""

import importlib
import inspect
import os
import pkgutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

from . import aws as helpers
from . import reports
from .aws import Aws

LOCAL_AWS = Path(__file__).parent.parent


def names() -> list[str]:
    """Of all reports."""
    return sorted(module.name for module in pkgutil.iter_modules(reports.__path__))


def load(name: str) -> ModuleType:
    """A report: its docstring is the text, `AWS` what AWS does, `observe` the reproduction."""
    return importlib.import_module(f"{reports.__name__}.{name}")


def observe_all(chosen: list[str], is_fixed: bool) -> dict[str, object]:
    """What each reproduction observes of an emulator of its own."""
    with tempfile.TemporaryDirectory() as directory:
        command = [sys.executable, "-m", "emulator", "--iam", "--working-directory", directory]
        # What a function must not see.
        environment = {**os.environ, "UPSTREAM_PROBE": "of the host"}
        emulator = subprocess.Popen(
            command if is_fixed else [*command, "--without-fixes"],
            cwd=LOCAL_AWS,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        with emulator:
            assert emulator.stdin and emulator.stdout
            aws = Aws(emulator.stdout.readline().strip(), is_fixed)
            try:
                return {name: observed(load(name), aws) for name in chosen}
            finally:
                # It ends, with all processes of functions, when its standard input closes.
                emulator.stdin.close()
                emulator.wait()


def observed(report: ModuleType, aws: Aws) -> object:
    """What a reproduction observes. One that fails has shown that too."""
    try:
        return report.observe(aws)
    except Exception as error:  # Whatever a defect leads to.
        return f"{type(error).__name__}: {error}"


def check(chosen: list[str]) -> bool:
    """Compares, and says of each what was observed."""
    # Both at once: most of the time is waiting for what does not happen.
    with ThreadPoolExecutor() as executor:
        before, after = executor.map(lambda is_fixed: observe_all(chosen, is_fixed), (False, True))
    is_right = True
    for name in chosen:
        expected = load(name).AWS
        shows, is_fixed = before[name] != expected, after[name] == expected
        is_right &= shows and is_fixed
        verdict = "ok" if shows and is_fixed else "no defect: delete the fix" if is_fixed else "the fix does not do it"
        print(f"{name}: {verdict}\n  AWS        {expected!r}\n  ministack  {before[name]!r}\n  with fix   {after[name]!r}")
    print(f"{len(chosen)} reproductions")
    return is_right


def text_of(name: str) -> str:
    """What to file: the text, the reproduction, and what it needs."""
    report = load(name)
    title, _, body = inspect.getdoc(report).partition("\n")
    source = inspect.getsource(report).split('"""', 2)[2].strip()
    is_version = f"ministack {version('ministack')}"
    parts = [f"# {title}", body.strip(), f"AWS: `{report.AWS!r}`. Seen with {is_version}: run `observe()`."]
    code = [f"```python\n{source}\n```", "`aws.py`:", f"```python\n{inspect.getsource(helpers).strip()}\n```"]
    return "\n\n".join(parts + code)


def main() -> None:
    """Reads the arguments."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["--report"]:
        print("\n\n".join(map(text_of, arguments[1:])))
    else:
        sys.exit(not check(arguments or names()))


if __name__ == "__main__":
    main()
