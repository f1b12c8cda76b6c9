"""What asks other programs: the probe of a C compiler."""
