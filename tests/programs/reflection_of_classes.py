"""getattr and hasattr of classes, with and without a default, while classes and their metaclasses change."""

# expect-stdout:
#   Base None None found none nothing False True False False True False property method
#   Derived None data first found derived meta False True True False True False property method
#   int None None no none nothing False False False True False True int int
#   Asked SHARED 6 MISSING COMPUTED OF_META True True True False False False str str
#   bool None None no none nothing False False False False False True int int
#   str None None no none nothing False False False False False True int int


class Meta(type):
    of_meta = "meta"

    @property
    def computed(cls):
        return cls.__name__.lower()


class Base:
    shared = 1

    def method(self):
        return 2

    @staticmethod
    def static():
        return 3

    @classmethod
    def named(cls):
        return cls.__name__

    @property
    def asked(self):
        return 5


class Derived(Base, metaclass=Meta):
    own = 4


class Answers(type):
    def __getattr__(cls, name):
        return name.upper()


class Asked(metaclass=Answers):
    own = 6


def look(cls):
    return (
        getattr(cls, "shared", None),
        getattr(cls, "own", None),
        getattr(cls, "missing", "no"),
        getattr(cls, "computed", "none"),
        getattr(cls, "of_meta", "nothing"),
        hasattr(cls, "shared"),
        hasattr(cls, "missing"),
        hasattr(cls, "own"),
        getattr(cls, "__repr__", None) is int.__repr__,
        callable(getattr(cls, "method", None)),
        getattr(cls, "static", len) is len,
        type(getattr(cls, "asked", 0)).__name__,
        type(getattr(cls, "named", 0)).__name__,
    )


def main():
    seen = {}
    classes = [Base, Derived, int, Asked, Derived, bool, str]
    for n in range(700):
        cls = classes[n % len(classes)]
        seen[cls.__name__] = look(cls)
        if n == 400:
            Base.missing = "found"
        if n == 500:
            Meta.own = property(lambda cls: "data first")
        if n == 600:
            del Base.shared
    for name, answers in seen.items():
        print(name, *answers)


main()
