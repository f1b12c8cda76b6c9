"""Judges that nobody here wrote: the running kernel, compilers, shells. No answer of helio depends on one.

A judge is a row of ``judges.JUDGES``; a comparison of our answers with what a judge says is a row of a subject's table
(``oracles.signals.COMPARISONS``). Only the oracle session runs them.
"""
