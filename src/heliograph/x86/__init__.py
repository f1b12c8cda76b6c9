"""A decoder and a CPU for i386 and amd64: as much of the machine as the wings run code on, from the manuals.

``registers`` and ``instruction`` are the nouns; ``opcodes`` is the table of what is known; ``decode`` turns bytes into
instructions and ``text`` instructions into AT&T syntax; ``memory`` and ``segments`` are what a program can reach;
``cpu`` runs it, one instruction a step. A fault of the machine is a value here, never an exception.
"""
