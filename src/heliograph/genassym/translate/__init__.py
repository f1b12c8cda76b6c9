"""Model to model: the definitions of an assym.h, expressions, layouts."""
