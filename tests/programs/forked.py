"""A process that forks: parent and child run what was compiled before, and both compile more, each into memory of its own."""

# flags: --threshold-loop=20
# expect-stdout:
#   child 9900 19269800 parent 9900 38431800
#   child 49500 parent 49500
# expect-event: {"event":"trace-compiled"...

import os


def before(count):
    total = 0
    for number in range(count):
        total += number * 2
    return total


def alone(count, factor):
    total = 0
    for number in range(count):
        total += before(number % 100) if number % 100 == 50 else number * factor
    return total


def share(work):
    """What the work gives in a child, and here."""
    ends = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(ends[1], work(2).encode())
        os._exit(0)
    here = work(4)
    assert os.waitpid(child, 0)[1] == 0
    there = os.read(ends[0], 1000).decode()
    return f"child {there} parent {here}"


before(100)
print(share(lambda factor: f"{before(100)} {alone(4400, factor)}"))


def again(texts):
    return str(sum(len(text) for text in texts))


print(share(lambda factor: again(["x" * (n % 100) for n in range(1000)])))
