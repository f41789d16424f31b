"""Variables that are bound on some of the paths that meet, and unbound on others: in functions that are inlined, called and
generated, read where they are not bound, looked at from outside, deleted, and holding what has a finaliser."""

# expect-stdout:
#   12036.5
#   {'n': 135, 'i n': 135, 'i n one': 195, 'i n one two': 75, 'i n one three': 60}
#   {"local variable 'two' referenced before assignment": 150, "local variable 'four' referenced before assignment": 100, 'bound': 1}
#   90427
#   ['end']
#   ['i0', 'end']
#   ['i0', 'i1', 'end', 'first1']
#   ['i0', 'i1', 'i2', 'first1', 'end', 'again1', 'second2']
#   ['end']
#   ['i0', 'end']
#   ['i0', 'i1', 'end', 'first1']
#   ['i0', 'i1', 'i2', 'first1', 'end', 'again1', 'second2']
#   ['i0', 'i1', 'i2', 'first1', 'end', 'again1', 'second2']
#   660
#   {'i n name': 14}
#   10950

import sys


def pieces(numbers, seed):
    """Four loops, of which each binds variables of its own, now and then."""
    total = 0
    for number in numbers:
        if number % 3 == seed:
            third = [number]
            for step in range(number % 4):
                part = step * number
                total += part
        elif number % 5 == seed:
            fifth = str(number)
            for letter in fifth:
                digit = int(letter)
                if digit > 6:
                    large = (digit, letter)
                    total += large[0]
        for index in range(2):
            if index == seed:
                found = number * 1.5
                total += found
    return total


def inlined(limit):
    total = 0
    for n in range(limit):
        total += pieces(range(n % 13), n % 3)
    return total


def shown(n):
    """What of its variables is bound, by its frame."""
    for i in range(n % 4):
        if i == 1:
            one = i
        elif i == 2:
            two = [i]
    return sorted(locals())


def look():
    return sorted(sys._getframe(1).f_locals)


def seen(n):
    for i in range(n % 5):
        if i == 1:
            one = i
        elif i == 3:
            three = str(i)
    return look()


def unbound(n):
    """Reads what is bound for some arguments only."""
    for i in range(n % 6):
        if i == 2:
            two = n
        if i == 4:
            four = [n]
    try:
        return two + len(four)
    except UnboundLocalError as error:
        return str(error)


def deleted(n):
    count = 0
    for i in range(n % 7):
        if i % 2:
            odd = [i]
        else:
            even = i
        if i == 3:
            del odd
        try:
            count += len(odd)
        except UnboundLocalError:
            count += 100
    try:
        del even
    except UnboundLocalError:
        count += 1000
    return count


class Noted:
    log = []

    def __init__(self, name):
        self.name = name

    def __del__(self):
        Noted.log.append(self.name)


def finalised(n):
    """The log tells when each dies: as soon as its variable is bound again, or the function returns."""
    for i in range(n % 4):
        Noted.log.append("i%d" % i)
        if i == 1:
            first = Noted("first%d" % i)
        if i > 1:
            second = Noted("second%d" % i)
            for j in range(2):
                if j:
                    first = Noted("again%d" % j)
    Noted.log.append("end")


def generated(n):
    for i in range(n % 5):
        if i == 1:
            one = i
            yield one
        elif i == 2:
            two = [i, one]
            yield len(two)
        for k in range(i):
            if k:
                last = k
                yield last + one
    yield -1


def raised(n):
    for i in range(n % 4):
        if i == 1:
            name = "one"
        if i == 2:
            value = [i]
        if n % 11 == 3 and i == 1:
            raise ValueError(n)
    return 0


def shared(n):
    """One variable is in a cell, and bound late."""
    def get():
        return late

    total = 0
    for i in range(n % 4):
        if i == 2:
            late = n
        try:
            total += get()
        except NameError:
            total -= 1
    return total


def main():
    print(inlined(400))
    counts = {}
    for n in range(300):
        for names in (shown(n), seen(n)):
            key = " ".join(names)
            counts[key] = counts.get(key, 0) + 1
    print(counts)
    texts = {}
    for n in range(300):
        text = unbound(n)
        texts[text if isinstance(text, str) else "bound"] = texts.get(text, 0) + 1
    print(texts)
    total = 0
    for n in range(300):
        total += deleted(n)
    print(total)
    for n in range(200):
        finalised(n)
        if n < 8 or n == 199:
            print(Noted.log)
        Noted.log.clear()
    total = 0
    for n in range(300):
        for value in generated(n):
            total += value
    print(total)
    bound = {}
    for n in range(300):
        try:
            raised(n)
        except ValueError as error:
            names = " ".join(sorted(error.__traceback__.tb_next.tb_frame.f_locals))
            bound[names] = bound.get(names, 0) + 1
    print(bound)
    print(sum(shared(n) for n in range(300)))


main()
