"""Tracebacks of exceptions that go on right after Python code has run: they get no entry for going on."""

# expect-stdout:
#   item {(2,): 300}
#   item_deleted {(2,): 300}
#   attribute {(2,): 300}
#   attribute_deleted {(2,): 300}
#   attributes {(2,): 300}
#   in_the_end {(2,): 300}
#   twice {(3,): 300}
#   managed {(2,): 300}
#   after_a_generator {(2,): 300}
#   after_an_iterator {(2,): 300}
#   when_true {(2,): 300}
#   when_less {(2,): 300}
#   added {(2,): 300}
#   not_caught {(2,): 300}
#   in_a_loop {(2,): 300}
#   after_a_loop {(2,): 300}


class Noted:
    """Attributes that are set and deleted by Python code."""

    def __setitem__(self, key, value):
        self.item = value

    def __delitem__(self, key):
        self.item = key

    def __lt__(self, other):
        return True

    def __bool__(self):
        return True

    def __iadd__(self, other):
        self.added = other
        return self

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        return False

    def __iter__(self):
        return self

    def __next__(self):
        raise StopIteration

    @property
    def last(self):
        return self.value

    @last.setter
    def last(self, value):
        self.value = value

    @last.deleter
    def last(self):
        self.value = 0


def one(n):
    yield n


def item(noted, i):
    try:
        raise ValueError(i)
    except ValueError:
        noted[i] = i
        raise


def item_deleted(noted, i):
    try:
        raise ValueError(i)
    except ValueError:
        del noted[i]
        raise


def attribute(noted, i):
    try:
        raise ValueError(i)
    except ValueError:
        noted.last = i
        raise


def attribute_deleted(noted, i):
    try:
        raise ValueError(i)
    except ValueError:
        del noted.last
        raise


def attributes(noted, i):
    try:
        [][i]
    except IndexError:
        noted.first, noted.last = i, i
        raise


def in_the_end(noted, i):
    try:
        raise ValueError(i)
    finally:
        noted.last = i


def twice(noted, i):
    try:
        try:
            {}[i]
        except KeyError as error:
            noted.last = i
            raise
    finally:
        noted.last = i


def managed(noted, i):
    with noted:
        {}[i]


def after_a_generator(noted, i):
    try:
        {}[i]
    except KeyError:
        for x in one(i):
            pass
        raise


def after_an_iterator(noted, i):
    try:
        {}[i]
    except KeyError:
        for x in noted:
            pass
        raise


def when_true(noted, i):
    try:
        {}[i]
    except KeyError:
        if noted:
            raise


def when_less(noted, i):
    try:
        {}[i]
    except KeyError:
        if noted < noted:
            raise


def added(noted, i):
    try:
        {}[i]
    except KeyError:
        noted += 1
        raise


def not_caught(noted, i):
    try:
        {}[i]
    except ValueError:
        pass


def in_a_loop(noted, i):
    try:
        [][i]
    except IndexError:
        while True:
            noted.last = i
            raise


def after_a_loop(noted, i):
    try:
        [][i]
    except IndexError:
        for n in range(40):
            noted.last = n
        raise


def lines(function, count):
    """How often which lines of a function were in a traceback."""
    noted, seen = Noted(), {}
    for i in range(count):
        try:
            function(noted, i)
        except (ValueError, LookupError) as error:
            entry, found = error.__traceback__.tb_next, []
            while entry is not None:
                found.append(entry.tb_lineno - function.__code__.co_firstlineno)
                entry = entry.tb_next
            seen[tuple(found)] = seen.get(tuple(found), 0) + 1
    return seen


FUNCTIONS = [
    item, item_deleted, attribute, attribute_deleted, attributes, in_the_end, twice, managed, after_a_generator,
    after_an_iterator, when_true, when_less, added, not_caught, in_a_loop, after_a_loop,
]
for function in FUNCTIONS:
    print(function.__name__, lines(function, 300))
