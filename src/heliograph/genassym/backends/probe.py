"""A C compiler as a source of layouts: constants behind tags in an object file.

The compiler gets the directives of the offsets.in and, for each question, one record: a tag, the number of the
question, a 1 that tells the order of bytes, and the values as constant expressions. The object is read as bytes: its
format does not matter, nothing of it runs, and neither nm nor an assembler's dialect is met. What could put the bytes
elsewhere (link-time optimization) is switched off, and every tag has to be found exactly once.
"""

from __future__ import annotations

import re
import shlex
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from struct import Struct

from heliograph import process
from heliograph.errors import Error, UnsupportedError, UsageError
from heliograph.genassym.model import Missing, Place, Question, SourceLine
from heliograph.genassym.parse.preprocess import Macro, command_line_macros, defined_macros

__all__ = ["CompileError", "Complaint", "Probe", "compiler_words"]

_TAG = b"\xf0helio\x9fgraph\xa5"
_PROBE = "heliograph-probe"
_SOURCE = "heliograph-offsets.in"
"""What #line calls the offsets.in: its own name could hold anything."""
_RECORD = "struct heliograph { unsigned char tag[16]; long long order, v[3]; };"
_WORDS = {False: Struct("<3q"), True: Struct(">3q")}
_TIMEOUT = 120.0
_BASES = {"char", "short", "int", "long", "float", "double", "_Bool", "signed", "unsigned"}
_FORMS = ("{}", "struct {}", "union {}", "enum {}")
_NO_OPERAND = re.compile(
    r"-flto.*|-fsyntax-only|-Werror.*|-Wfatal-errors|-fsanitize.*|-save-temps.*|-[cESP]|-g.*|-M[DMGPV]*|-ffat-lto-objects"
    r"|-fwhole-program|-pedantic-errors|-fdiagnostics.*|-fmax-errors=.*|-ferror-limit=.*|-ftime-trace.*|-v|-###"
)
_ONE_OPERAND = {"-o", "-MF", "-MT", "-MQ", "-x"}
_LAST = ("-fno-lto", "-fno-sanitize=all", "-g0", "-w", "-fmax-errors=0", "-fdiagnostics-color=never")
_COMPLAINT = re.compile(
    r"(?P<file>.+?):(?P<line>[0-9]+):(?:(?P<column>[0-9]+):)? (?P<kind>fatal error|error|note): (?P<text>.*)"
)
_INCLUDED = re.compile(r"(?:In file included|\s+) from (?P<file>.+?):(?P<line>[0-9]+)[:,]")
_MEANT = re.compile(r"did you mean ['\u2018]([^'\u2019]+)['\u2019]")
_NAMED = re.compile(
    r"(?:struct|union|enum)\s+([A-Za-z_]\w*)|([A-Za-z_]\w*_t)\b|typedef\b[^;{}()]*?\b([A-Za-z_]\w*)\s*;"
)
_MEMBER = re.compile(r"([A-Za-z_]\w*)\s*(?:\[[^]]*\]\s*|:\s*\w+\s*)*[;,]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """An error of the compiler.

    :param file: a header, or the offsets.in by its name.
    :param line: from 1; 0 if it said none. So is ``column``.
    :param included: for a header, the line of the offsets.in that includes it; else 0.
    """

    file: str
    line: int
    column: int
    message: str
    included: int = 0


class CompileError(Exception):
    """The directives of the offsets.in do not compile; all that the compiler said."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        super().__init__(f"{len(complaints)} errors of the compiler")
        self.complaints = complaints


def compiler_words(words: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return a compiler and its options without those that spoil a probe, and the ones that were left out."""
    kept: list[str] = []
    dropped: list[str] = []
    waiting = iter(words)
    for word in waiting:
        if not kept:
            kept.append(word)
        elif word in _ONE_OPERAND:
            dropped += [word, next(waiting, "")]
        elif _NO_OPERAND.fullmatch(word) or (word[:2] == "-o" and word[2:]):
            dropped.append(word)
        elif word in (
            "-I",
            "-D",
            "-U",
            "-include",
            "-isystem",
            "-iquote",
            "-idirafter",
            "-imacros",
            "-target",
            "-arch",
        ):
            kept += [word, next(waiting, "")]
        else:
            kept.append(word)
    return kept, dropped


@dataclass(slots=True)
class Probe:
    """A C compiler that is asked for sizes and offsets.

    :param words: the compiler and its options.
    :param source: the directives of the offsets.in.
    :param file: its name, for messages.
    """

    words: Sequence[str]
    source: Sequence[SourceLine] = ()
    file: str = "offsets.in"
    dropped: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    """The files that the last compilation read."""
    name: str = ""
    _argv: list[str] = field(default_factory=list)
    _spelled: dict[str, str | None] = field(default_factory=dict)
    _guessed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        kept, dropped = compiler_words(self.words)
        if not kept:
            raise UsageError("no compiler: --cc needs a program, such as 'gcc -m64'")
        self._argv = kept
        self.dropped = tuple(dropped)
        self.name = self.name or shlex.join(kept)

    def command_line(self) -> dict[str, Macro | None]:
        """Return the macros that the options define or take away."""
        return command_line_macros(self._argv[1:])

    def macros(self) -> dict[str, Macro]:
        """Ask the compiler for the macros that it defines of itself.

        :raises UnsupportedError: it cannot say, and conditionals cannot be decided.
        """
        done = process.run([*self._argv, "-dM", "-E", "-x", "c", "-"], timeout=_TIMEOUT)
        if done.code:
            why = "it does not print its macros with -dM -E, and the #if lines of the file cannot be decided"
            raise UnsupportedError(self._argv[0], f"{why}: {done.err.strip()[:200]}")
        return defined_macros(done.out)

    def spelling(self, name: str) -> str:
        """Return how C spells a type that was asked for."""
        return self._spelled.get(name) or name

    # ---------------------------------------------------------------- questions

    def answer(self, questions: Sequence[Question]) -> Sequence[Place | Missing]:
        """Return a place for each question, or why there is none; see :class:`TypeSource`.

        :raises CompileError: the directives do not compile.
        :raises UnsupportedError: no such compiler, or one that puts constants where they cannot be read.
        """
        for question in questions:
            if question.type not in self._spelled:
                plain = question.type.endswith("_t") or question.type in _BASES
                self._spelled[question.type] = question.type if plain else f"struct {question.type}"
                if not plain:
                    self._guessed.add(question.type)
        answers: dict[int, Place | Missing] = {}
        open_ = list(range(len(questions)))
        fields: set[int] = set()
        for _round in range(6):  # Spellings, bit-fields, a typedef behind a tag: each is settled in one.
            values, errors = self._compile(questions, open_, fields)
            if not errors:
                wrong = {questions[i].type for i in open_ if values[i][2] and questions[i].type in self._guessed}
                if wrong:  # A typedef of that name exists as well, and it wins.
                    self._spelled.update({name: name for name in wrong})
                    self._guessed -= wrong
                    continue
                answers.update({i: self._place(values[i], i in fields, not questions[i].steps) for i in open_})
                break
            self._learn(questions, errors, answers, fields)
            open_ = [i for i in open_ if i not in answers]
        return [answers.get(i) or Missing(why="the compiler does not accept it") for i in range(len(questions))]

    def _learn(
        self,
        questions: Sequence[Question],
        errors: Mapping[int, list[str]],
        answers: dict[int, Place | Missing],
        fields: set[int],
    ) -> None:
        """Find out what each error means: another spelling of the type, a bit-field, or that nothing helps."""
        doubtful = {questions[i].type for i in errors if i not in fields} | self._guessed
        spelled = self._forms(sorted(doubtful - {name for name, form in self._spelled.items() if form is None}))
        corrected = {name for name, form in spelled.items() if form is not None and form != self._spelled[name]}
        known: tuple[list[str], list[str]] | None = None
        for i, messages in errors.items():
            question = questions[i]
            if question.type in corrected:
                continue
            if spelled.get(question.type, "") is None:
                known = known or self._known()
                why = f"no type is called {question.type}"
                incomplete = any("incomplete" in text or "undefined type" in text for text in messages)
                if incomplete and question.type in known[0]:
                    why = f"{question.type} is declared and never defined: its size is not known"
                answers[i] = Missing(why=why, known=tuple(known[0]))
            elif i not in fields and any("bit-field" in text or "bitfield" in text for text in messages):
                fields.add(i)
            else:
                known = known or self._known()
                answers[i] = self._no_member(question, messages, known[1])
        self._spelled.update(spelled)
        self._guessed -= set(spelled)

    def _no_member(self, question: Question, messages: Sequence[str], known: Sequence[str]) -> Missing:
        text = messages[0]
        meant = tuple(
            dict.fromkeys(name for message in messages for name in _MEANT.findall(message) if name.isidentifier())
        )
        bad = re.search(r"(?:no member named|has no member) ['\u2018\"](\w+)", text)
        step = next((n for n, word in enumerate(question.steps) if bad and word == bad[1]), len(question.steps) - 1)
        if bad is not None:
            return Missing(why=f"{question.type} has no member {bad[1]}", known=meant or tuple(known), step=step)
        if "not a structure or union" in text or "pointer" in text or "is not a structure" in text:
            before = next((str(s) for s in reversed(question.steps[:-1]) if isinstance(s, str)), question.type)
            why = f"the path goes through {before}, which is no structure or union by value"
            return Missing(why=why, step=max(len(question.steps) - 1, 0))
        return Missing(why=_MEANT.sub("", text).rstrip("; ?"), step=step)

    def _place(self, values: Sequence[int], is_field: bool, whole: bool) -> Place:
        if is_field:
            return Place(offset=values[0] // 8, size=0, bit_offset=values[0], bit_size=values[1])
        if whole:
            return Place(offset=0, size=values[0])
        return Place(offset=values[0], size=0, element=None if values[1] < 0 else values[1])

    # ---------------------------------------------------------------- the compiler

    def _head(self) -> list[str]:
        lines = []
        for line in self.source:
            lines += [f'#line {line.line} "{_SOURCE}"', line.text]
        return lines

    def _compile(
        self, questions: Sequence[Question], open_: Sequence[int], fields: set[int]
    ) -> tuple[dict[int, list[int]], dict[int, list[str]]]:
        """Return the values of each question, or the errors of those that have one."""
        lines = [*self._head(), _RECORD, f'#line 1 "{_PROBE}"']
        first = {questions[i].type: i for i in reversed(open_) if i not in fields}
        lines += [self._line(i, questions[i], i in fields, first.get(questions[i].type) == i) for i in open_]
        with tempfile.TemporaryDirectory(prefix="helio-") as folder:
            object_, rule = Path(folder, "probe.o"), Path(folder, "probe.d")
            argv = [*self._argv, *_LAST, "-MD", "-MF", str(rule), "-MT", "x", "-x", "c", "-c", "-", "-o", str(object_)]
            done = process.run(argv, stdin="\n".join(lines) + "\n", timeout=_TIMEOUT, env={"LC_ALL": "C"})
            if done.code:
                return {}, self._errors(done.err, open_)
            try:
                data = object_.read_bytes()
                self.dependencies = _prerequisites(rule.read_text(errors="surrogateescape") if rule.exists() else "")
            except OSError as error:
                raise Error(f"{self._argv[0]} wrote no object: {error.strerror}") from error
        places = _places(data)
        return {i: self._values(data, places.get(i, ()), i, i in fields) for i in open_}, {}

    def _line(self, i: int, question: Question, is_field: bool, first: bool) -> str:
        """Return the C of one question, in one line so that an error tells which it is.

        :param first: it is the first about its type, and asks whether a guess of how the type is spelled holds.
        """
        type_ = self._spelled[question.type]
        path = _path(question.steps)
        tag = _octal(_TAG + i.to_bytes(3, "big"))
        if is_field:
            wrapper = f"struct heliograph_{i}"
            return (
                f"{wrapper} {{ struct heliograph h; {type_} o; }}; const {wrapper} heliograph_field_{i} ="
                f" {{ {{ {tag}, 1, {{ __builtin_offsetof({wrapper}, o), sizeof({wrapper}), 0 }} }}, .o.{path} = -1 }};"
            )
        guess = "0"
        if first and question.type in self._guessed:
            # In a parameter `(x)` is a type if x is a typedef, and else the name of the parameter.
            guess = f"_Generic((int (*)(int ({question.type})))0, int (*)(int): 0, default: 1)"
        if not question.steps:
            values = f"sizeof({type_}), 0"
        else:
            member = f"(({type_} *)0)->{path}"
            # An array becomes a pointer in `(0, a)`; whatever else keeps its type.
            array = f"(!__builtin_types_compatible_p(__typeof__({member}), __typeof__((0, {member}))))"
            element = f"{array} ? (long long)sizeof(*__builtin_choose_expr({array}, {member}, (char *)0)) : -1"
            values = f"__builtin_offsetof({type_}, {path}), {element}"
        return f"const struct heliograph heliograph_{i} = {{ {tag}, 1, {{ {values}, {guess} }} }};"

    def _values(self, data: bytes, places: Sequence[int], i: int, is_field: bool) -> list[int]:
        """Return the values behind the tag of a question.

        :param places: where the tag stands.
        :raises UnsupportedError: it is not there once, or what follows is no record.
        """
        if len(places) != 1:
            raise UnsupportedError(
                self._argv[0],
                f"the constants are not where they were put: question {i + 1} stands {len(places)} times in the object,"
                " not once; is there an option that compiles to something else than an object, or twice?",
            )
        start = places[0]
        order = data[start + 16 : start + 24]
        big = order == bytes(7) + b"\1"
        if (not big and order != b"\1" + bytes(7)) or len(data) < start + 48:
            raise UnsupportedError(self._argv[0], "its long long is not 8 bytes in one of the two usual orders")
        values = list(_WORDS[big].unpack_from(data, start + 24))
        return self._bits(data[start:], values, big) if is_field else values

    def _bits(self, data: bytes, values: Sequence[int], big: bool) -> list[int]:
        """Return the bit offset and the width of a bit-field of which every bit is set."""
        offset, size, guess = values
        bits = "".join(f"{byte:08b}" if big else f"{byte:08b}"[::-1] for byte in data[offset:size])
        first, width = bits.find("1"), bits.count("1")
        if first < 0 or bits[first : first + width] != "1" * width:
            raise UnsupportedError(self._argv[0], "the bits of a bit-field are not next to each other")
        return [first, width, guess]

    def _errors(self, text: str, open_: Sequence[int]) -> dict[int, list[str]]:
        """Return the errors by question; one in the directives is raised."""
        found: dict[int, list[str]] = {}
        others: list[Complaint] = []
        pending: Complaint | None = None
        included = 0
        for line in text.split("\n"):
            if (way := _INCLUDED.match(line)) is not None and way["file"] == _SOURCE:
                included = int(way["line"])
            match = _COMPLAINT.match(line)
            if match is None:
                continue
            number = int(match["line"])
            here = match["file"] == _PROBE and 1 <= number <= len(open_)
            if match["kind"] == "note":
                if here and pending is not None:  # A macro of a header stands in the question.
                    found.setdefault(open_[number - 1], []).append(pending.message)
                    pending = None
                continue
            if pending is not None:
                others.append(pending)
                pending = None
            if here:
                found.setdefault(open_[number - 1], []).append(match["text"])
            else:
                column = int(match["column"] or 0)
                own = match["file"] == _SOURCE
                pending = Complaint(
                    file=self.file if own else match["file"],
                    line=number,
                    column=column,
                    message=match["text"],
                    included=0 if own else included,
                )
        if pending is not None:
            others.append(pending)
        if others or not found:
            last = text.strip().split("\n")[-1][:300] or "it failed and said nothing"
            raise CompileError(others or [Complaint(file=self._argv[0], line=0, column=0, message=last)])
        return found

    def _forms(self, names: Sequence[str]) -> dict[str, str | None]:
        """Return how each type is spelled: bare if there is such a typedef, else by its tag; None if it is none."""
        if not names:
            return {}
        lines = [*self._head(), f'#line 1 "{_PROBE}"']
        tried = [(name, form.format(name)) for name in names for form in _FORMS]
        # The size of an incomplete type is an error, and so tells a definition from a mention. A parameter has a scope
        # of its own: after an error, a compiler keeps the wrong tag in the scope where it met it.
        lines += [f"extern void heliograph_{n}(char (*)[sizeof({form})]);" for n, (_, form) in enumerate(tried)]
        argv = [*self._argv, *_LAST, "-fsyntax-only", "-x", "c", "-"]
        done = process.run(argv, stdin="\n".join(lines) + "\n", timeout=_TIMEOUT, env={"LC_ALL": "C"})
        errors = self._errors(done.err, range(len(tried))) if done.code else {}
        found: dict[str, str | None] = {}
        for n, (name, form) in enumerate(tried):
            if n not in errors and found.get(name) is None:
                found[name] = form
            else:
                found.setdefault(name, None)
        return found

    def _known(self) -> tuple[list[str], list[str]]:
        """Return the names of types, and of what could be members, in all that the compiler read."""
        done = process.run([*self._argv, *_LAST, "-E", "-x", "c", "-"], stdin="\n".join(self._head()) + "\n")
        types = {name for groups in _NAMED.findall(done.out) for name in groups if name}
        return sorted(types), sorted(set(_MEMBER.findall(done.out)))


def _path(steps: Sequence[str | int]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.removeprefix(".")


def _places(data: bytes) -> dict[int, list[int]]:
    """Return where the tag of each question stands."""
    found: dict[int, list[int]] = {}
    start = data.find(_TAG)
    while start >= 0:
        number = data[start + len(_TAG) : start + 16]
        found.setdefault(int.from_bytes(number, "big"), []).append(start)
        start = data.find(_TAG, start + 1)
    return found


def _octal(data: bytes) -> str:
    """Return bytes as a string of C, in escapes that no character set changes."""
    return '"' + "".join(f"\\{byte:03o}" for byte in data) + '"'


def _prerequisites(rule: str) -> tuple[str, ...]:
    """Return the files of a make rule, without standard input."""
    _target, _, files = rule.replace("\\\n", " ").partition(":")
    names = re.findall(r"(?:\\.|[^\s\\])+", files.split("\n")[0])
    return tuple(dict.fromkeys(re.sub(r"\\(.)", r"\1", name).replace("$$", "$") for name in names if name != "-"))
