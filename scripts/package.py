"""Pack each function for AWS Lambda into build/lambda: its file, shared/, and what infra/functions.toml names.

    python scripts/package.py                        for this machine and this Python, as tests do
    python scripts/package.py --for-lambda           for x86-64 Linux and the template's Python
    python scripts/package.py sessions admin/keys    some functions only

Dependencies come from the locks, by their hashes. A set is installed once, and functions hold hard links to it. Prints
each function's size; the exit code is 1 when one is over its limit.
"""

import argparse
import compileall
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from py_compile import PycInvalidationMode

ROOT = Path(__file__).parent.parent
LAMBDA_PYTHON = "3.12"  # infra/template.yaml's Runtime
_FOR_LAMBDA = ["--platform", "manylinux2014_x86_64", "--platform", "manylinux_2_28_x86_64"]
_FOR_LAMBDA += ["--python-version", LAMBDA_PYTHON, "--implementation", "cp"]
_REQUIREMENT = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==", re.MULTILINE)
_AWS_MODELS = {"s3", "sts", "sso", "sso-oidc"}  # of the 400 services that botocore knows: the bucket, and credentials
_NOT_PACKED = ("tests", "bin", "__pycache__")
_MEGABYTE = 1_000_000
# While much is imported nothing becomes garbage, and looking for some takes a tenth of a cold start. What is there then
# stays, and is looked at no more (docs/deployment.md has the figures)
_START = """import gc

gc.disable()
from functions.{module} import {names}

gc.freeze()
gc.enable()
"""
_BEHIND_THE_ADAPTER = """
from shared.adapter import Adapted

app = Adapted(app)
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Pack. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("functions", nargs="*", help="as in infra/functions.toml; all, if none is named")
    parser.add_argument("--target", type=Path, default=ROOT / "build" / "lambda")
    parser.add_argument("--for-lambda", action="store_true", help="for Lambda's platform, not for this machine")
    options = parser.parse_args(arguments)
    declared = tomllib.loads((ROOT / "infra" / "functions.toml").read_text(encoding="utf-8"))
    packed_with = {name: one["name"] for one in declared["sets"] for name in one["functions"]}
    if unknown := set(options.functions) - packed_with.keys():
        parser.error(f"infra/functions.toml has no {', '.join(sorted(unknown))}")
    wanted = options.functions or list(packed_with)
    order = [one["name"] for one in declared["sets"]]
    last = max(order.index(packed_with[name]) for name in wanted)
    shutil.rmtree(options.target, ignore_errors=True)
    compiled = not options.for_lambda or sys.version_info[:2] == tuple(map(int, LAMBDA_PYTHON.split(".")))
    if not compiled:
        print(f"not compiled, so that each cold start will do it: run this by Python {LAMBDA_PYTHON}", file=sys.stderr)
    too_large = False
    for at, _ in enumerate(order[: last + 1]):
        folder = _install(order[: at + 1], options.target / ".sets", options.for_lambda, compiled)
        for name in (name for name in wanted if packed_with[name] == order[at]):
            is_adapted = name in declared["adapter"]["functions"]
            size = pack(name, folder, options.target, compiled, is_adapted=is_adapted)
            limit = declared["limits"].get(name, declared["limits"]["default"])
            too_large |= size > limit
            print(f"{name:20} {size:6.1f} MB of {limit}{'  too large' if size > limit else ''}", flush=True)
    return int(too_large)


def pack(name: str, dependencies: Path, target: Path, compiled: bool, *, is_adapted: bool = False) -> float:
    """Make one function's folder from links to its dependencies and to shared/. Returns its size in megabytes.

    Parameters
    ----------
    is_adapted
        Whether it is served behind the Lambda Web Adapter, besides being a handler.
    """
    folder = target / name
    _link(dependencies, folder)
    shared = target / ".sets" / "shared"
    if not shared.is_dir():
        shutil.copytree(ROOT / "shared", shared, ignore=shutil.ignore_patterns("__pycache__"))
        if compiled:
            _compile(shared, "shared")
    _link(shared, folder / "shared")
    source = Path("functions", f"{name}.py")
    for path in (*(parent / "__init__.py" for parent in source.parents if parent.name), source):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, folder / path)
    if compiled:
        _compile(folder / "functions", "functions")
    start = _START.format(module=name.replace("/", "."), names="app, handler" if is_adapted else "handler")
    if is_adapted:
        start += _BEHIND_THE_ADAPTER
        shutil.copy(ROOT / "infra" / "run.sh", folder)
    (folder / "start.py").write_text(start, encoding="utf-8")
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / _MEGABYTE


def _install(sets: Sequence[str], folder: Path, for_lambda: bool, compiled: bool) -> Path:
    """Install what the last of these sets has beyond the one before, on top of links to that. Returns its folder."""
    here, locks = folder / sets[-1], [_lock(name) for name in sets]
    added = {name: pin for name, pin in locks[-1].items() if len(sets) == 1 or name not in locks[-2]}
    new = folder / f"{sets[-1]}.new"
    new.mkdir(parents=True)
    listed = folder / f"{sets[-1]}.txt"
    listed.write_text("\n".join(added.values()), encoding="utf-8")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    command += ["--no-deps", "--require-hashes", "--only-binary=:all:", "--target", str(new), "-r", str(listed)]
    subprocess.run([*command, *(_FOR_LAMBDA if for_lambda else [])], check=True)
    _prune(new)
    if compiled:
        _compile(new, ".")  # where functions run nothing can be written: without this each start would compile it all
    if len(sets) > 1:
        _link(folder / sets[-2], here)
    _link(new, here)
    shutil.rmtree(new)
    return here


def _lock(name: str) -> dict[str, str]:
    """A lock's pins with their hashes, by the names of what they are of and where they hold."""
    text = (ROOT / "infra" / "locks" / f"{name}.lock").read_text(encoding="utf-8")
    starts = [found.start() for found in _REQUIREMENT.finditer(text)]
    pins = [text[start:end].strip() for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    return {pin.splitlines()[0]: pin for pin in pins}


def _prune(folder: Path) -> None:
    """Remove what no function runs."""
    for path in [path for path in folder.rglob("*") if path.is_dir() and path.name in _NOT_PACKED]:
        shutil.rmtree(path, ignore_errors=True)  # one may be inside another
    for path in folder.glob("botocore/data/*"):
        if path.is_dir() and path.name not in _AWS_MODELS:
            shutil.rmtree(path)


def _compile(folder: Path, inside: str) -> None:
    """Compile in place, with paths as they are in the function, and no check of times, which an archive changes."""
    compileall.compile_dir(
        folder,
        quiet=2,
        stripdir=str(folder),
        prependdir=inside,
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
        workers=0,
    )


def _link(source: Path, target: Path) -> None:
    for path in _files(source):
        place = target / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        os.link(path, place)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    sys.exit(main())
