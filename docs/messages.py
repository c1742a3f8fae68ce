"""Print every message and help text of the program, file by file, to be read from top to bottom.

`python -m docs.messages` finds them in the syntax tree: help of commands and options, texts of
errors that are raised, log lines, and what is printed.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDERS = ("ilo_archive", "spiders", "pipelines")
PRINTING = {
    "echo", "warning", "error", "info", "UsageError", "BadParameter", "option", "argument",
    "print_table", "append", "line",
}  # fmt: skip
"""Calls whose strings a user reads; what else they take is shorter than a message."""
SQL = re.compile(r"SELECT|INSERT INTO|DELETE FROM|UPDATE \w+ SET|IS NULL|instr\(")
SHORTEST = 12
"""Letters: a shorter string is a name, not a message."""


def messages(path: Path) -> Iterator[tuple[int, str]]:
    """The messages of a file, with their lines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and _is_command(node):
            yield node.lineno, ast.get_docstring(node) or ""
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            yield from _strings(node.exc)
        elif isinstance(node, ast.Call) and _name(node.func) in PRINTING:
            yield from _strings(node)
        elif isinstance(node, ast.Return | ast.Yield | ast.Assign) and node.value is not None:
            yield from _strings(node.value)


def _is_command(function: ast.FunctionDef) -> bool:
    return any("command" in ast.unparse(each) for each in function.decorator_list)


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else ast.unparse(function)


def _strings(node: ast.AST) -> Iterator[tuple[int, str]]:
    """The texts below a node; of an f-string with its fields in braces."""
    if isinstance(node, ast.JoinedStr):
        text = "".join(
            str(part.value) if isinstance(part, ast.Constant) else "{…}" for part in node.values
        )
        yield from _long_enough(node.lineno, text)
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from _long_enough(node.lineno, node.value)
    for child in ast.iter_child_nodes(node):
        yield from _strings(child)


def _long_enough(line: int, text: str) -> Iterator[tuple[int, str]]:
    if len(text) >= SHORTEST and " " in text and not SQL.search(text):
        yield line, text


def main() -> None:
    """Print the messages of every file."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            found = sorted(set(messages(path)))
            if found:
                print(f"\n== {path.relative_to(ROOT)}")
            for line, text in found:
                print(f"{line:5}  {text}")


if __name__ == "__main__":
    main()
