"""Recursion: single, double, mutual, to the limit, and back out of the limit, again and again."""

# expect-stdout:
#   4181
#   43
#   [True, False, True, False, True, False, True, False, True, False] 500
#   1023 [('a', 'c'), ('a', 'b'), ('c', 'b')] ('c', 'b')
#   1737
#   30
#   False
#   8400
#   40

import sys


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


print(fib(19))


def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


print(ackermann(2, 20))


def even(n):
    return True if n == 0 else odd(n - 1)


def odd(n):
    return False if n == 0 else even(n - 1)


print([even(n) for n in range(100, 110)], sum(even(n % 50) for n in range(1000)))


def hanoi(n, a, b, c, moves):
    if n:
        hanoi(n - 1, a, c, b, moves)
        moves.append((a, b))
        hanoi(n - 1, c, b, a, moves)


moves = []
hanoi(10, "a", "b", "c", moves)
print(len(moves), moves[:3], moves[-1])


def loop_in_recursion(n):
    total = 0
    for i in range(n):
        total += i + (loop_in_recursion(i) if i % 2 else 0)
    return total


print(loop_in_recursion(16))


def endless(n):
    return endless(n + 1) + 1


def limits(count):
    caught = 0
    for _ in range(count):
        try:
            endless(0)
        except RecursionError:
            caught += 1
    return caught


sys.setrecursionlimit(300)
print(limits(30))


def depth_of(n):
    try:
        return depth_of(n + 1)
    except RecursionError:
        return n


first = depth_of(0)
print(all(depth_of(0) == first for _ in range(30)))
sys.setrecursionlimit(1000)


def permutations(items):
    if not items:
        yield []
    for i, item in enumerate(items):
        for rest in permutations(items[:i] + items[i + 1 :]):
            yield [item] + rest


print(sum(p[0] * p[-1] for p in permutations([1, 2, 3, 4, 5, 6])))


def queens(n, row=0, columns=0, left=0, right=0):
    if row == n:
        return 1
    total = 0
    free = ~(columns | left | right) & ((1 << n) - 1)
    while free:
        bit = free & -free
        free ^= bit
        total += queens(n, row + 1, columns | bit, (left | bit) << 1, (right | bit) >> 1)
    return total


print(queens(7))
