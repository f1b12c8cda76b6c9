"""The walk-through in CONTRIBUTING.md, followed to the letter."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from heliograph.claims.cli import load
from heliograph.cli import ask, run
from heliograph.command import Ports
from heliograph.files import MemoryFiles

ROOT = Path(__file__).parents[3]


def blocks(language: str) -> list[str]:
    """Return the section's blocks of one language, without their indentation."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = re.search(r"^## Add a claim$(.*?)^## ", text, re.MULTILINE | re.DOTALL)
    assert section is not None
    found = re.findall(rf"```{language}\n(.*?)```", section[1], re.DOTALL)
    return ["\n".join(line.strip() for line in block.splitlines() if line.strip()) for block in found]


def commands() -> list[str]:
    """Return the lines of the section's shell blocks."""
    return [line for block in blocks("sh") for line in block.splitlines()]


def edit(template: str) -> str:
    """Change the lines that the section says: each takes the place of the one line with the same key."""
    (block,) = blocks("toml")
    lines = template.splitlines(keepends=True)
    for new in block.splitlines():
        key = new.partition("=")[0]
        places = [index for index, line in enumerate(lines) if line.startswith(f"{key}=")]
        assert len(places) == 1, f"the template has {len(places)} lines for {key!r}"
        lines[places[0]] = f"{new}\n"
    return "".join(lines)


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
    """Steps 1 to 3, with the edit that the text proposes."""
    first, *rest = commands()
    assert len(rest) == 3
    files = MemoryFiles()
    assert follow(first, files) == 0
    template = files.files["mine.toml"].decode()
    edited = edit(template)
    assert edited.count("SIGUSR2") == 2
    files.files["mine.toml"] = edited.encode()
    assert [follow(line, files) for line in rest] == [0, 0, 0]
    assert b'id = "SIG-90"' in files.files["mine.toml"]


def test_the_template_holds_as_it_is_printed() -> None:
    first, *rest = commands()
    files = MemoryFiles()
    assert [follow(line, files) for line in (first, *rest)] == [0, 0, 0, 0]


def test_the_moved_block_is_found_in_a_register() -> None:
    """Step 3: the block stands in the register of its subject, and the claim is one of all."""
    files = MemoryFiles()
    first, verify, show, _all = commands()
    follow(first, files)
    template = edit(files.files["mine.toml"].decode())
    register = (ROOT / "src/heliograph/claims/data/signals.toml").read_text(encoding="utf-8")
    files.files["signals.toml"] = (register + template[template.index("\n[[claim]]") :]).encode()
    assert follow(f"{verify.partition('--file')[0]}SIG-90 --file signals.toml", files) == 0
    assert follow(show.replace("mine.toml", "signals.toml"), files) == 0


def test_a_wrong_edit_is_told() -> None:
    """Step 2: a verdict that is not the one in the file makes the exit code 1."""
    files = MemoryFiles()
    first, verify, *_rest = commands()
    follow(first, files)
    edited = edit(files.files["mine.toml"].decode())
    files.files["mine.toml"] = edited.replace("to = 17", "to = 16").encode()
    assert follow(verify, files) == 1


def test_every_claim_has_a_place_on_a_page() -> None:
    """Step 4: the role stands beside a sentence, on some page other than the cards."""
    pages = [path.read_text(encoding="utf-8") for path in (ROOT / "docs").rglob("*.md")]
    used = {ident for text in pages for ident in re.findall(r"\{claim\}`([A-Z]+-\d+)`", text)}
    claims = {claim.id for claim in load(Ports(files=MemoryFiles(), ask=ask), ())}
    assert claims - used == set()
    assert used - claims == set()


def test_every_difference_has_a_block_among_the_errata() -> None:
    """Step 4: what has three columns in a register has them on the page of errata."""
    errata = (ROOT / "docs/verification/errata.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"^```\{helio\} claims differences (\S+)$", errata, re.MULTILINE))
    assert shown == {claim.id for claim in load(Ports(files=MemoryFiles(), ask=ask), ()) if claim.account}


def test_the_files_that_the_text_names_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for name in ("src/heliograph/claims/data/signals.toml", "docs/verification/errata.md"):
        assert name in text
        assert (ROOT / name).exists()


def test_the_frame_beside_the_guide_is_the_recorded_one() -> None:
    """The pages run without the tests' data, so the recording stands in both places."""
    recorded = (ROOT / "tests/data/frames/linux-i386-rt-kill.txt").read_text(encoding="utf-8")
    lines = [line for line in recorded.splitlines() if re.fullmatch(r"[0-9a-f]{20,}", line)]
    assert (ROOT / "docs/howto/captured-frame.hex").read_text(encoding="utf-8").split() == lines
