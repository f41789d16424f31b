"""The benchmark harness: programs x interpreters, in interleaved processes, with warm-up kept visible.

```text
 cli ─► programs      which programs there are and how large they run
     ─► interpreters  the commands to run them with
     ─► plan          interleaves the processes ─► process (one process, wall time, memory) ─► child (inside the process)
     ─► results       medians, ratios, agreement; kept as JSON with a description of the machine
     ─► table         Markdown and plain tables, made from the JSON alone
```

Only the standard library is used, and nothing newer than Python 3.11.
"""
