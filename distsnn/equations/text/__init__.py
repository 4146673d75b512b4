"""The texts that a user gives: equations, statements, formulas and units, read and checked."""
