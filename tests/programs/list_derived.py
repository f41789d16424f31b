"""Classes derived from list: what they leave to list is compiled as for lists, what they do themselves is called."""

# expect-stdout:
#   plain (583652, 300, 298, [297, 298, 299])
#   counted (600, True, 299)
#   doubled 179400
#   reversed [299, 298, 297]
#   shown 300 [1, 2]
#   mixed (300, 90)
#   changed (44850, 150, 150300)
#   iterator 44850
#   own_iterator 600 134550
#   given_up 4500
#   kinds ['Stack', 'list', 'Stack', 'NoneType']


class Stack(list):
    name = "stack"

    def top(self):
        return self[-1]

    def push(self, value):
        self.append(value)


class Counted(list):
    """Asks for itself whether it is true, and how long it is."""

    asked = 0

    def __len__(self):
        Counted.asked += 1
        return list.__len__(self)

    def __bool__(self):
        return True


class Doubled(list):
    def __getitem__(self, index):
        return 2 * list.__getitem__(self, index)

    def __iter__(self):
        return (2 * value for value in list.__iter__(self))


class Slotted(Stack):
    __slots__ = ()


class Mixin:
    def __contains__(self, value):
        return value % 10 < 3


class Mixed(Mixin, list):
    pass


def plain(count):
    stack, total = Stack(), 0
    for i in range(count):
        stack.push(i)
        total += stack.top() + len(stack)
    for value in stack:
        total += value * 10 if value > 0 else 0
    while stack:
        total += stack.pop()
    stack.extend(range(count))
    stack[0] = stack[1]
    stack.insert(2, 298)
    return total + len(stack) + 1, stack[299] + 2, stack[2], stack[-3:]


def counted(count):
    values, first = Counted(), Counted.asked
    for i in range(count):
        values.append(i)
        if values:
            len(values)
        len(values)
    return Counted.asked - first, bool(values), values[-1]


def doubled(count):
    values = Doubled(range(count))
    total = 0
    for i in range(count):
        total += values[i]
    for value in values:
        total += value
    return total


def backwards(count):
    found = []
    for value in reversed(Stack(range(count))):
        found.append(value)
    return found[:3]


def shown(count):
    stack = Slotted()
    for i in range(count):
        stack.append(i)
    return len(stack), stack[1:3]


def mixed(count):
    values, found = Mixed(range(count)), 0
    for i in range(count):
        if i in values:
            found += 1
    return len(values), found


def changed(count):
    """The class is changed while compiled code knows it."""
    values, sums = Stack(range(count)), []
    for turn in range(3):
        total = 0
        for k in range(count):
            total += values[k] if turn < 2 else len(values)
        sums.append(total)
        if turn == 0:
            Stack.__getitem__ = lambda self, index: 1 if index < count // 2 else 0
        if turn == 1:
            del Stack.__getitem__
            Stack.__len__ = lambda self: 501
    del Stack.__len__
    return tuple(sums)


def stepped(iterator, count):
    total = 0
    for value in iterator:
        total += value
    return total


def own_iterator(count):
    """An iterator over the elements of a class that iterates otherwise."""
    class Twice(list):
        def __iter__(self):
            return (2 * value for value in list.__iter__(self))

        def __reversed__(self):
            return iter([])
    found = []
    for value in Twice(range(count)):
        found.append(value)
    for value in list.__reversed__(Twice(range(count))):
        found.append(value)
    return len(found), sum(found)


def given_up(count):
    """Iterators over lists and over what is derived from them come to the same loop."""
    total = 0
    for i in range(count):
        for value in (Stack if i % 3 else list)((1, 2, 3, 4, 5)):
            total += value
    return total


print("plain", plain(300))
print("counted", counted(300))
print("doubled", doubled(300))
print("reversed", backwards(300))
print("shown", *shown(300))
print("mixed", mixed(300))
print("changed", changed(300))
print("iterator", stepped(iter(Slotted(range(300))), 300))
print("own_iterator", *own_iterator(300))
print("given_up", given_up(300))
stack = Stack([1])
kinds = [type(stack), type(stack[:]), type(stack.__iadd__([2])), type(stack.append(3))]
print("kinds", [kind.__name__ for kind in kinds])
