"""The tables of the step 0001, a module for each section; like every step, none is ever changed.

They are no steps themselves, and so do not lie in `versions`.
"""
