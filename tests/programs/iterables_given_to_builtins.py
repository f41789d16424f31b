"""Builtins that take objects whose `__iter__` is a generator function: `list(obj)`, `sum(obj)`, `sorted(obj)` and the like; with
lengths that are asked for first, and what raises or looks at frames."""

# expect-stdout:
#   all 37175
#   sized 8400 1200 600
#   failing 90 [('list', 'LookupError(4)', ['failing', '__iter__']), ('sum', 'LookupError(4)', ['failing', '__iter__']), ('sorted', 'LookupError(4)', ['failing', '__iter__'])] [('sum', 'LookupError(1)', ['failing', '__iter__']), ('sorted', 'LookupError(1)', ['failing', '__iter__']), ('list', 'LookupError(2)', ['failing', '__iter__'])]
#   looking 2400 [('__iter__', 'looking'), ('len', 'looking')]
#   kinds 1.1805916207174113e+22
#   plain 35606.0
#   wrong {"iter() returned non-iterator of type 'int'"}
# expect-event: ..."kind":"loop"...
# options:

import enum
import sys
import traceback


class Items:
    def __init__(self, items):
        self.items = items

    def __iter__(self):
        for item in self.items:
            yield item


class Sized(Items):
    asked = 0

    def __len__(self):
        Sized.asked += 1
        return len(self.items)


class Hinted(Items):
    hints = 0

    def __length_hint__(self):
        Hinted.hints += 1
        return NotImplemented if Hinted.hints % 2 else 3


class Node:
    def __init__(self, value, after=None):
        self.value = value
        self.after = after


class Linked:
    def __init__(self, values):
        self.head = None
        for value in reversed(values):
            self.head = Node(value, self.head)

    def __iter__(self):
        node = self.head
        while node is not None:
            yield node.value
            node = node.after

    def __len__(self):
        return sum(1 for _ in self)


def all_of_them(count):
    items, linked = Items([3, 1, 2]), Linked([5, 4, 9, 1])
    total = 0
    for i in range(count):
        items.items[i % 3] = i % 7
        total += sum(items) + len(list(items)) + max(items) - min(items) + len(set(items))
        total += sorted(items)[0] + tuple(items)[1] + any(items) + all(items) + len(frozenset(items))
        total += sum(linked) + len(list(linked)) + sorted(linked)[0] + len("".join(Items(["a", "b"])))
    return total


print("all", all_of_them(700))


def sized(count):
    sized, hinted = Sized([1, 2, 3]), Hinted([1, 2])
    total = 0
    for i in range(count):
        total += len(list(sized)) + sorted(sized)[-1] + sum(sized) + len(list(hinted))
    return total, Sized.asked, Hinted.hints


print("sized", *sized(600))


class Failing:
    def __init__(self, at, sized=False):
        self.at = at

    def __iter__(self):
        for i in range(5):
            if i == self.at:
                raise LookupError(i)
            yield i


class FailingSize(Failing):
    def __len__(self):
        if self.at == 2:
            raise ValueError("no length")
        return -1 if self.at == 3 else 5


def failing(count):
    texts = []
    for i in range(count):
        for make in (Failing, FailingSize):
            for builtin in (list, sum, sorted):
                try:
                    builtin(make(i % 100 if i % 100 < 5 else 9))
                except (LookupError, ValueError) as error:
                    entries = traceback.extract_tb(error.__traceback__)
                    texts.append((builtin.__name__, repr(error), [entry.name for entry in entries]))
    return len(texts), texts[-3:], texts[-20:-17]


print("failing", *failing(300))


def looking(count):
    names = set()

    class Looking:
        def __iter__(self):
            for i in range(3):
                if i == 1 and n % 50 == 0:
                    frame = sys._getframe()
                    names.add((frame.f_code.co_name, frame.f_back.f_code.co_name))
                yield i

        def __len__(self):
            if n % 60 == 0:
                names.add(("len", sys._getframe(1).f_code.co_name))
            return 3

    total = 0
    for n in range(count):
        total += sum(list(Looking())) + sum(Looking())
    return total, sorted(names)


print("looking", *looking(400))


def kinds(count):
    """Elements of several classes, and several iterables."""
    total = 0
    for i in range(count):
        items = Items([1, 2.5, True] if i % 40 else [1, 1 << 70])
        if i % 3 == 0:
            items = [1, 2]
        elif i % 3 == 1:
            items = Sized([i, 4])
        total += sum(items) + max(items) + len(list(items))
    return total


print("kinds", kinds(600))


class Plain(Items):
    """Its `__iter__` is no generator function."""

    def __iter__(self):
        if self.items is None:
            raise LookupError("nothing")
        return iter(self.items)


class Expressed(Items):
    def __iter__(self):
        return (item * 2 for item in self.items)

    def __len__(self):
        return len(self.items)


class Level(enum.Enum):
    LOW = 1
    MIDDLE = 2
    HIGH = 3


def plain(count):
    total = 0
    for i in range(count):
        items = Plain([3, 1, i % 5] if i % 60 else (2.5, i))
        total += sum(items) + max(items) + len(list(items)) + sorted(items)[0] + len(set(items)) + any(items)
        doubled = Expressed(range(i % 4 + 1))
        total += sum(doubled) + len(list(doubled)) + sorted(doubled)[-1] + len(tuple(doubled))
        total += len(list(Level)) + sum(level.value for level in list(Level)) + sorted(Plain("ba"))[0].count("a")
        if i % 90 == 89:
            try:
                list(Plain(None))
            except LookupError as error:
                total += len(traceback.extract_tb(error.__traceback__))
    return total


print("plain", plain(700))


def wrong(count):
    texts = set()

    class Wrong:
        def __iter__(self):
            return 5 if n % 70 == 0 else iter([n])

    for n in range(count):
        try:
            list(Wrong())
        except TypeError as error:
            texts.add(str(error))
    return texts


print("wrong", wrong(500))
