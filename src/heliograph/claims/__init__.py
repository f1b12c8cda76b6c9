"""Claims: sentences with verdicts, checked on every build.

A claim is a row of a register (``data/*.toml``): an id, a sentence, who says it, the checks, and the verdict that was
last reviewed. A verdict that comes out otherwise fails ``helio claims verify`` and the page that uses the claim.
"""
