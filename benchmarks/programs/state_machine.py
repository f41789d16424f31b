"""A state machine over the characters of a text that tells errors by exceptions.

What it measures: methods as states, exceptions that are raised in one function and caught in the one that called it,
`finally`, and classes of exceptions with an argument.
"""

SCALE = 60
SMALL = 2
REPEATS = 8

TEXT = "12 + 345 - x7 * 8 ? (90 - 1) ; 77 / + 6 # 5 " * 40


class Unexpected(Exception):
    def __init__(self, position):
        super().__init__(position)
        self.position = position


class Machine:
    def __init__(self):
        self.state = self.start
        self.number = 0
        self.numbers = 0
        self.steps = 0

    def start(self, character, position):
        if character.isdigit():
            self.number = ord(character) - 48
            self.state = self.digits
        elif character not in "+-*/() ;":
            raise Unexpected(position)

    def digits(self, character, position):
        if character.isdigit():
            self.number = 10 * self.number + ord(character) - 48
        else:
            self.numbers += self.number
            self.state = self.start
            self.start(character, position)

    def feed(self, character, position):
        try:
            self.state(character, position)
        finally:
            self.steps += 1


def main(scale=SCALE):
    """Returns the sum of all numbers, and how many steps and errors there were."""
    machine = Machine()
    errors = 0
    for _ in range(scale):
        for position, character in enumerate(TEXT):
            try:
                machine.feed(character, position)
            except Unexpected as error:
                errors += error.position
                machine.state = machine.start
    return machine.numbers, machine.steps, errors


if __name__ == "__main__":
    print(main())
