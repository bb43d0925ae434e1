"""Runs in the child, next to student code: read, salvage, execute, find the entries, call them, send what came back.

It knows which names to look for and which arrays to pass. It never knows what is right: no module here imports
`reference`, or anything of `harness` but `harness.wire`.
"""
