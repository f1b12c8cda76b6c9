"""Write assym.h from offsets.in, lay out C structures, print raw bytes by them."""
