"""The RNN grading harness: runs hand-ins away from itself, checks them, and says why.

Kept empty of imports on purpose: the worker imports this package inside the process that runs student code, and
must not bring anything along that knows what is expected.
"""
