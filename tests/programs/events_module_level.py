"""A loop at module level is compiled like one in a function."""

# expect-stdout:
#   1000
# expect-event: {"event":"trace-compiled"..."kind":"loop"...events_module_level.py...

total = 0
for number in range(20000):
    total += number % 10
    if total > 1000:
        total -= 1000
print(total)
