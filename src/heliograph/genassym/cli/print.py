"""``print``: a structure from raw bytes."""

from __future__ import annotations

import click

from heliograph.command import Command, Ports, examples, pass_ports
from heliograph.errors import ParseError, RangeError, Span, UsageError
from heliograph.genassym.cli.layout import found, from_option, opened, types_option
from heliograph.genassym.cli.options import Views
from heliograph.genassym.render.layout import types_source
from heliograph.genassym.render.print import explain_print, print_table
from heliograph.genassym.translate.layout import declared
from heliograph.genassym.translate.print import printed

__all__ = ["print_command"]


class _Number(click.ParamType[int]):
    """A number as C writes it, not below zero."""

    name = "number"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number."""
        if isinstance(value, int):
            return value
        try:
            number = int(str(value), 0)
        except ValueError:
            raise ParseError("no number such as 4096 or 0x1000", text=str(value), span=Span(line=1, column=1)) from None
        if number < 0:
            raise RangeError("an offset is not below 0", text=str(value))
        return number


@click.command(
    "print",
    cls=Command,
    epilog=examples(
        "helio genassym print label_t --from unix --bytes '00 10 40 00 00 00 00 00 ...'",
        "helio genassym print kthread_t --from unix --file core --at 0x2f40",
        "helio genassym print 'struct icmphdr' --from vmlinux --bytes 0800f7ff00000000 --endian big",
    ),
)
@click.argument("struct", metavar="TYPE")
@from_option
@types_option
@click.option("--bytes", "given", metavar="HEX", help="The bytes, in hexadecimal; blanks do not matter.")
@click.option("--file", metavar="FILE", help="The file that the bytes are in; - is standard input.")
@click.option("--at", type=_Number(), default=0, metavar="OFFSET", help="Where in the file they start; 0 unless said.")
@click.option("--endian", type=click.Choice(["big", "little"]), help="Their order; that of the object unless said.")
@click.option(
    "--limit",
    type=click.IntRange(1, 65536),
    default=64,
    show_default=True,
    metavar="N",
    help="Elements of an array that are shown.",
)
@pass_ports
def print_command(
    ports: Ports,
    struct: str,
    source: str,
    holder: str | None,
    given: str | None,
    file: str | None,
    at: int,
    endian: str | None,
    limit: int,
) -> Views:
    """Show the values of a structure that raw bytes hold, as mdb's ::print does."""
    if (given is None) == (file is None):
        raise UsageError("print needs its bytes: give either --bytes HEX or --file FILE", text=struct)
    if given is not None and at:
        raise UsageError("--at is a place in a --file", text="--at")
    types, held = opened(ports, source, holder)
    ident = found(types, struct, source)
    size = types.size(ident) or 0
    if file is None:
        data = _hexadecimal(given or "")
    else:
        opened_file = ports.files.open(file)
        if at + size > opened_file.size:
            raise RangeError(
                f"{file}: {size} bytes at {at:#x} end behind its {opened_file.size} bytes",
                span=Span(file=file, offset=at),
            )
        data = opened_file.read_at(at, size)
    big = types.big_endian if endian is None else endian == "big"
    rows = printed(types, ident, data, big_endian=big, limit=limit, name=struct)
    return (
        print_table(declared(types, ident), rows, at),
        explain_print(held, big),
        types_source([(source, held)]),
    )


def _hexadecimal(text: str) -> bytes:
    """Return the bytes that pairs of hexadecimal digits mean.

    :raises ParseError: something is no digit, or one is left over.
    """
    start = 2 if text[:2] in ("0x", "0X") else 0
    digits = []
    for column, char in enumerate(text[start:], start + 1):
        if char.isspace():
            continue
        if char not in "0123456789abcdefABCDEF":
            raise ParseError(f"{char!r} is no hexadecimal digit", text=text, span=Span(line=1, column=column))
        digits.append(char)
    if len(digits) % 2:
        raise ParseError("a digit is left over: two make a byte", text=text, span=Span(line=1, column=len(text)))
    return bytes.fromhex("".join(digits))
