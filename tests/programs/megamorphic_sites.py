"""Sites that meet many classes, and classes that are made anew by each call: after some bridges for one class each, one takes
objects of any class."""

# flags: --threshold-loop=20 --threshold-exit=5
# expect-stdout:
#   33540 720 ['A', 'Z'] 18
#   [45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45] 0
#   own 3 method 'C' object has no attribute 'gone'
#   {(74, 6)}
#   ['150', '150.0', '150', '(150+151j)', '150.0', '[0, 1, 1, 1,', '(0, 1, 1, 1,', 'xxxxxxxxxxxx', "b'yyyyyyyyyy"]
# expect-event: {"event":"not-inlined"..."reason":"megamorphic"...


def make_classes(count):
    classes = []
    for number in range(count):

        class Shape:
            kind = number

            def __init__(self, size):
                # Each has its attribute elsewhere.
                for name in range(kind_of(number)):
                    setattr(self, f"pad{name}", name)
                self.size = size

            def weight(self):
                return self.size + self.kind

            def __add__(self, other):
                return self.size + other

            def __bool__(self):
                return self.size % 2 == 0

        Shape.__name__ = chr(ord("A") + number)
        classes.append(Shape)
    return classes


def kind_of(number):
    return number % 5


def many(rounds):
    classes = make_classes(26)
    objects = [each(5 * number % 7) for number, each in enumerate(classes)] * rounds
    total, even, names = 0, 0, set()
    for thing in objects:
        thing.size = thing.size + 1
        total += thing.weight() + (thing + 1)
        if thing:
            even += 1
        names.add(type(thing).__name__)
        thing.size -= 1
    return total, even, [min(names), max(names)], len({type(thing) for thing in objects if thing.size > 1})


print(*many(60))


def anew(count):
    """Makes a class, and a tree of its instances."""

    class Node:
        def __init__(self, key):
            self.key = key
            self.left = self.right = None

    def insert(node, key):
        if node is None:
            return Node(key)
        if key < node.key:
            node.left = insert(node.left, key)
        elif key > node.key:
            node.right = insert(node.right, key)
        return node

    def walk(node):
        if node:
            yield from walk(node.left)
            yield node.key
            yield from walk(node.right)

    root = None
    for number in range(count):
        root = insert(root, number * 7 % 10)
    return sum(walk(root))


print([anew(30) for _ in range(12)], sum(anew(40) != 45 for _ in range(40)))


def odd_ones():
    """What is found in a class may be another thing in an instance, or not be there."""
    found = []
    for turn in range(300):

        class C:
            def method(self):
                return "method"

        thing = C()
        if turn % 100 == 50:
            thing.method = lambda: "own"
        if turn % 100 == 70:
            del C.method
            C.__getattr__ = lambda self, name: lambda: len(name) - 3
        try:
            found.append(thing.method())
            if turn == 299:
                thing.gone()
        except AttributeError as error:
            found.append(str(error))
    return sorted(set(map(str, found)), key=lambda text: ("own", "3", "method").index(text) if len(text) < 8 else 9)


print(*odd_ones())


def entered(count):
    """`with` on classes that are made anew."""
    log = []

    class Scope:
        def __enter__(self):
            self.inside = True
            return self

        def __exit__(self, kind, value, traceback):
            log.append(kind.__name__ if kind else self.inside)
            return kind is KeyError

    for number in range(count):
        with Scope() as scope:
            if number % 7 == 3:
                raise KeyError(number)
            log.append(scope.inside)
    return len(log), log.count("KeyError")


print({entered(40) for _ in range(30)})


def states(count, kind):
    """A loop whose variables are of other types in each call: versions that are not entered any more make room."""
    total = kind(0)
    step = kind(1)
    for _ in range(count):
        total = total + step
    return total


class Money(float):
    pass


def complexes(number):
    return complex(number, 1)


KINDS = [int, float, bool, complexes, Money, lambda n: [n], lambda n: (n,), lambda n: "x" * n, lambda n: b"y" * n]
print([str(states(150, kind))[:12] for kind in KINDS * 4][-9:])
