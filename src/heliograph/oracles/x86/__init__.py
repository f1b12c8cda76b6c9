"""The judges of the decoder and the CPU: binutils, capstone, unicorn, and the CPU of this machine.

``questions`` draws what is asked, from a generator with a fixed seed, so that two runs ask the same; ``readers`` asks
those that read code, ``emulator`` and ``hardware`` those that run it; ``comparisons`` are the rows.
"""
