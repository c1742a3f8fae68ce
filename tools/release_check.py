"""What a release must be: `python -m tools.release_check REPOSITORY [--python PYTHON ...]`.

Builds the source distribution and, from it, the wheel into `dist/`, from a copy of what git tracks
in which the links of README.md point into REPOSITORY, an address such as
`https://github.com/OWNER/NAME`: where packages are listed, relative links lead nowhere. Then
checks metadata, links and types, and installs the wheel with and without its extras in fresh
environments of each interpreter.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from email import message_from_string
from pathlib import Path

ROOT = Path(__file__).parent.parent
_LINK = re.compile(r"(\]\()(?!https?://|#|mailto:)([^)\s]+)(\))")
_TYPED = """
from ilo_archive import Archive, read_page
page = read_page(b"", url="http://www.ilo.org/moscow/lang--en/index.htm")
reveal_type(page.office)
with Archive("archive.sqlite") as archive:
    reveal_type(archive.page("moscow", "2015").office)
"""


def main() -> None:
    """Build and check; a failed command ends it with its output."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("repository", help="address of the repository, for links")
    parser.add_argument("--python", nargs="+", default=[sys.executable], help="to install with")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wheel = build(Path(folder), asked.repository)
        check_wheel(wheel)
        for number, python in enumerate(asked.python):
            for extras in ("", "[all]"):
                check_install(Path(folder) / f"fresh-{number}{extras}", python, wheel, extras)
    print("all passed")


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    """Run a command; end with its output if it fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def build(folder: Path, repository: str) -> Path:
    """Build both distributions into `dist/`; the wheel."""
    tree, dist = folder / "tree", ROOT / "dist"
    for name in run("git", "ls-files", "-z").split("\0"):
        if name:
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
    version = tomllib.loads((tree / "pyproject.toml").read_text())["project"]["version"]
    readme = tree / "README.md"
    readme.write_text(absolute_links(readme.read_text(encoding="utf-8"), repository, version))
    shutil.rmtree(dist, ignore_errors=True)
    run(sys.executable, "-m", "build", "--outdir", dist, tree)
    print(run(sys.executable, "-m", "twine", "check", "--strict", *sorted(dist.iterdir())).strip())
    (wheel,) = dist.glob("*.whl")
    return wheel


def absolute_links(markdown: str, repository: str, version: str) -> str:
    """With each relative link pointing at that file of the release; pictures at their bytes."""

    def absolute(found: re.Match[str]) -> str:
        kind = "raw" if found[2].endswith((".png", ".svg")) else "blob"
        return f"{found[1]}{repository.rstrip('/')}/{kind}/v{version}/{found[2]}{found[3]}"

    return _LINK.sub(absolute, markdown)


def check_wheel(wheel: Path) -> None:
    """End unless the wheel ships its types and its description has absolute links only."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = next(name for name in names if name.endswith(".dist-info/METADATA"))
        description = message_from_string(archive.read(metadata).decode()).get_payload()
    if "ilo_archive/py.typed" not in names:
        sys.exit("the wheel has no py.typed")
    if relative := _LINK.findall(str(description)):
        sys.exit(f"relative links in the description: {relative}")
    print(f"{wheel.name}: types shipped, links absolute")


def check_install(folder: Path, python: str, wheel: Path, extras: str) -> None:
    """Install the wheel in a fresh environment, read the sample, and check a typed program."""
    run(python, "-m", "venv", folder)
    commands = folder / "bin"
    install = ("-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", f"{wheel}{extras}")
    run(commands / "python", *install)
    run(commands / "ilo-archive", "--home", folder / "home", "ingest", "data/sample")
    run(commands / "ilo-archive", "--home", folder / "home", "report")
    program = folder / "typed.py"
    program.write_text(_TYPED)
    mypy = ("-m", "mypy", "--strict", "--python-executable", commands / "python", program)
    types = run(sys.executable, *mypy, cwd=folder)
    if types.count('Revealed type is "str') != 2:
        sys.exit(f"types are not shipped:\n{types}")
    version = run(commands / "python", "--version").strip()
    print(f"{version}{extras}: installs, reads the sample, writes its report, has types")


if __name__ == "__main__":
    main()
