"""The name of a class is known in a trace, and so is what is put together from it; a class may get another name."""

# expect-stdout:
#   22500
#   Square Square.Inner 3000
#   Square Kreis
#   renamed 1500 of 3000
#   Ellipse Ellipse True
#   False 3000
#   no visit_Kreis for Kreis
# expect-event: {"event":"trace-compiled"..."kind":"loop"..."function":"both"...


class Shape:
    def accept(self, visitor):
        return getattr(visitor, "visit_" + type(self).__name__)(self)


class Square(Shape):
    size = 3

    class Inner:
        pass


class Circle(Shape):
    size = 2


class Visitor:
    def visit_Square(self, shape):
        return shape.size * shape.size

    def visit_Circle(self, shape):
        return 3 * shape.size

    def visit(self, shape):
        method = f"visit_{shape.__class__.__name__}"
        return getattr(self, method)(shape)


def both(shapes, visitor):
    total = 0
    for _ in range(1500):
        for shape in shapes:
            total += shape.accept(visitor)
    return total


def qualified(count):
    texts = 0
    for _ in range(count):
        text = Square.__qualname__ + " " + Square.Inner.__qualname__
        texts += text == "Square Square.Inner"
    return f"{text} {texts}"


def renaming(cls):
    """In the middle of a loop."""
    names = []
    for i in range(3000):
        name = cls.__name__
        if i == 1500:
            cls.__name__ = "Kreis"
        if not names or names[-1] != name:
            names.append(name)
    return " ".join(names)


def renaming_by_descriptor(cls):
    rename = type.__dict__["__name__"].__set__
    seen = 0
    for i in range(3000):
        if i == 1500:
            rename(cls, "Other")
        seen += cls.__name__ == "Other"
    return seen


def kept(cls):
    """What is put together is a new str each time."""
    last, same = None, 0
    texts = []
    for _ in range(3000):
        text = "a " + cls.__name__
        same += text is last
        last = text
        texts.append(text)
    return same > 0, len(texts)


visitor = Visitor()
print(both([Square(), Circle()], visitor))
print(qualified(3000))
print(renaming(type("Square", (), {})))


class Temporary:
    pass


print("renamed", renaming_by_descriptor(Temporary), "of 3000")
ellipse = type("Ellipse", (Shape,), {})
print(ellipse.__name__, ellipse.__qualname__, type.__dict__["__name__"].__get__(ellipse) == "Ellipse")
print(*kept(Square))
total = 0
try:
    shape = Circle()
    for i in range(3000):
        if i == 2000:
            Circle.__name__ = "Kreis"
        total += visitor.visit(shape)
except AttributeError as error:
    print("no", str(error).split("'")[-2], "for", Circle.__name__)
