"""Exceptions that leave frames whose variables hold classes: those have weak references, but do not die with a frame."""

# expect-stdout:
#   (200, 100)
#   (33750, 75, {'Base'})
#   (True, 1)
# expect-no-event: ..."an exception that finalises"...
import gc
import weakref


class Base:
    pass


class Derived(Base):
    pass


def checked(value, *kinds):
    for kind in kinds:
        if not isinstance(value, kind):
            raise TypeError(f"no {kind.__name__}")
    return value


def only_checked(count):
    right = wrong = 0
    for i in range(count):
        try:
            checked(i if i % 3 else str(i), object, int)
            right += 1
        except TypeError:
            wrong += 1
    return right, wrong


def instance(kind, value):
    made = kind()
    made.value = value
    if value % 4 == 0:
        raise ValueError(kind.__name__)
    return made


def instances(count):
    names = []
    total = 0
    for i in range(count):
        try:
            total += instance(Derived if i % 2 else Base, i).value
        except ValueError as error:
            names.append(error.args[0])
    return total, len(names), set(names)


def of_classes_that_die(count):
    """Classes that are made anew are freed by the collector, whenever their last variable goes."""
    gone = []

    def use(i):
        class Own(Base):
            pass
        weakref.finalize(Own, gone.append, i)
        kind = Own
        if i % 2:
            raise ValueError
        return kind

    for i in range(count):
        try:
            use(i)
        except ValueError:
            pass
    gc.collect()
    return sorted(gone) == list(range(count)), len(Base.__subclasses__())


print(only_checked(300))
print(instances(300))
print(of_classes_that_die(60))
