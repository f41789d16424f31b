"""`isinstance` of instances of Python classes that are of none of the classes asked for, or say that they are."""

# expect-stdout:
#   (3000, 1000, 1500, 3000) 1000


class A:
    pass


class B(A):
    pass


class C:
    pass


class Claims:
    @property
    def __class__(self):
        return A


class Falls:
    def __getattribute__(self, name):
        return A if name == "__class__" else object.__getattribute__(self, name)


def tests(n):
    objects = [A(), B(), C()]
    others = [Claims(), Falls()]
    counts = [0, 0, 0, 0]
    for i in range(n):
        counts[0] += isinstance(objects[i % 3], (A, C))
        counts[1] += isinstance(objects[i % 3], B)
        counts[2] += isinstance(others[i % 2], A) and i % 2
        counts[3] += isinstance(others[i % 2], (B, A, C)) and not isinstance(others[i % 2], C)
    return tuple(counts)


def changes(n):
    item = C()
    count = 0
    for i in range(n):
        if i == n - 1000:
            item.__class__ = B
        count += isinstance(item, A)
    return count


print(tests(3000), changes(3000))
