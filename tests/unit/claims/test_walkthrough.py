"""The walk-through in CONTRIBUTING.md, followed to the letter."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from heliograph.cli import run
from heliograph.files import MemoryFiles

ROOT = Path(__file__).parents[3]


def commands() -> list[str]:
    """Return the lines of the section's shell blocks."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = re.search(r"^## Add a claim$(.*?)^## ", text, re.MULTILINE | re.DOTALL)
    assert section is not None
    blocks = re.findall(r"```sh\n(.*?)```", section[1], re.DOTALL)
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]


def follow(line: str, files: MemoryFiles) -> int:
    """Run a line; ``> FILE`` at its end keeps the output there, as a shell does."""
    command, _, target = line.partition(" > ")
    program, *words = shlex.split(command)
    assert program == "helio"
    answer = run(words, files=files)
    if target:
        files.files[target.strip()] = "".join(answer.render()).encode()
    return answer.exit_code


def test_the_walk_through_works() -> None:
    lines = commands()
    assert len(lines) == 4
    files = MemoryFiles()
    assert [follow(line, files) for line in lines] == [0, 0, 0, 0]
    assert b'id = "SIG-90"' in files.files["mine.toml"]


def test_the_moved_block_is_found_in_a_register() -> None:
    """Step 3: the block stands in the register of its subject, and the claim is one of all."""
    files = MemoryFiles()
    first, verify, show, _all = commands()
    follow(first, files)
    template = files.files["mine.toml"].decode()
    register = (ROOT / "src/heliograph/claims/data/signals.toml").read_text(encoding="utf-8")
    files.files["signals.toml"] = (register + template[template.index("\n[[claim]]") :]).encode()
    assert follow(f"{verify.partition('--file')[0]}SIG-90 --file signals.toml", files) == 0
    assert follow(show.replace("mine.toml", "signals.toml"), files) == 0


def test_a_wrong_edit_is_told() -> None:
    """Step 2: a verdict that is not the one in the file makes the exit code 1."""
    files = MemoryFiles()
    first, verify, *_rest = commands()
    follow(first, files)
    files.files["mine.toml"] = files.files["mine.toml"].replace(b"to = 16", b"to = 15")
    assert follow(verify, files) == 1


def test_the_files_that_the_text_names_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for name in ("src/heliograph/claims/data/signals.toml", "docs/verification/errata.md"):
        assert name in text
        assert (ROOT / name).exists()
