"""A tokenizer of a small language, and a stack machine that computes expressions.

What it measures: strings character by character, slices of them, methods that ask for kinds, lists as stacks.
"""

SCALE = 4_000
SMALL = 4
REPEATS = 8

PRIORITY = {"+": 1, "-": 1, "*": 2, "/": 2}


def tokenize(source):
    """The tokens of a source, each with its kind."""
    tokens = []
    at, end = 0, len(source)
    while at < end:
        c = source[at]
        if c in " \t\n":
            at += 1
        elif c.isdigit():
            stop = at
            while stop < end and (source[stop].isdigit() or source[stop] == "."):
                stop += 1
            tokens.append(("number", source[at:stop]))
            at = stop
        elif c.isalpha() or c == "_":
            stop = at
            while stop < end and (source[stop].isalnum() or source[stop] == "_"):
                stop += 1
            tokens.append(("name", source[at:stop]))
            at = stop
        else:
            tokens.append(("operator", c))
            at += 1
    return tokens


def postfix(tokens):
    """The tokens in the order of a stack machine."""
    out, waiting = [], []
    for kind, text in tokens:
        if kind != "operator":
            out.append((kind, text))
        elif text == "(":
            waiting.append(text)
        elif text == ")":
            while waiting[-1] != "(":
                out.append(("operator", waiting.pop()))
            waiting.pop()
        else:
            while waiting and waiting[-1] in PRIORITY and PRIORITY[waiting[-1]] >= PRIORITY[text]:
                out.append(("operator", waiting.pop()))
            waiting.append(text)
    while waiting:
        out.append(("operator", waiting.pop()))
    return out


def compute(code, names):
    """The value of a postfix expression."""
    stack = []
    for kind, text in code:
        if kind == "number":
            stack.append(float(text))
        elif kind == "name":
            stack.append(names[text])
        else:
            b, a = stack.pop(), stack.pop()
            if text == "+":
                stack.append(a + b)
            elif text == "-":
                stack.append(a - b)
            elif text == "*":
                stack.append(a * b)
            else:
                stack.append(a / b)
    return stack[-1]


def main(scale=SCALE):
    """Returns the number of tokens and the sum of the values."""
    source = "(alpha + 42 * beta_2) / (3.5 + gamma) - delta * (17 - alpha) + beta_2 * 0.25\n"
    count = len(tokenize(source * (scale // 4)))
    total = 0.0
    for i in range(scale * 4):
        code = postfix(tokenize(source)) if i % 8 == 0 else code
        total += compute(code, {"alpha": i, "beta_2": i + 1, "gamma": i % 7, "delta": 2})
    return count, round(total, 3)


if __name__ == "__main__":
    print(main())
