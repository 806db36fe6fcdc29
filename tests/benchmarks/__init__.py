"""How fast the hub is: programs that measure, each on a server of its own, with ratios taken in one run.

`make bench` runs them all; docs/performance.md has their figures and says how to repeat one.
"""
