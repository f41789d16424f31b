"""A loop of a module calls functions whose globals are other ones: what the trace holds of the module's names gets back into
the module's globals, not into theirs."""

# expect-stdout:
#   2024 164 4 True
#   19986 4000 4
#   3 164 [164, 157]
# expect-event: ..."kind":"loop"...
# options:

from collections import Counter

OTHER = {"__builtins__": __builtins__, "__name__": "other"}
exec(
    """
def called(of):
    dict.__init__({}, of)
    return 1

def branching(number, of):
    if number % 2:
        dict.__init__({}, of)
    return number

seen = []

def noted(number):
    seen.append(number)
    seen.sort(reverse=True)
    dict.__init__({})
    del seen[2:]
    return len(seen)
""",
    OTHER,
)

total = 0
for each in range(10, 171, 7):
    total += OTHER["called"]([])
    total += each
    counts = Counter(number for number in range(4))
print(total, each, len(counts), "each" not in OTHER)

total = 0
for step in range(4000):
    total += OTHER["branching"](step % 11, ())
print(total, step + 1, len(counts))

for each in range(10, 171, 7):
    length = OTHER["noted"](each)
print(length + 1, each, OTHER["seen"])
