"""Frames: the questions of a qualification, as a text file."""
