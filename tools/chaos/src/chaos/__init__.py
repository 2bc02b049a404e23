"""Faults on purpose: real processes under load are killed, frozen, cut off and filled up, and an oracle looks for
anything that was lost, doubled or reordered.
"""
