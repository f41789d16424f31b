"""A tokenizer, a parser to postfix and a stack machine, as people write them."""

# expect-stdout:
#   50 [('kw', 'if'), ('op', '('), ('id', 'alpha')] 171070.162015762
# expect-event: ..."kind":"loop"...

def tokenize(src):
    tokens = []
    i = 0
    n = len(src)
    while i < n:
        c = src[i]
        if c in " \t\n":
            i += 1
        elif c.isdigit():
            j = i
            while j < n and (src[j].isdigit() or src[j] == '.'):
                j += 1
            tokens.append(("num", src[i:j]))
            i = j
        elif c.isalpha() or c == '_':
            j = i
            while j < n and (src[j].isalnum() or src[j] == '_'):
                j += 1
            word = src[i:j]
            tokens.append(("kw" if word in ("if", "else", "while", "return") else "id", word))
            i = j
        elif src[i:i + 2] in ("==", "<=", ">=", "!="):
            tokens.append(("op", src[i:i + 2]))
            i += 2
        else:
            tokens.append(("op", c))
            i += 1
    return tokens
PREC = {"+": 1, "-": 1, "*": 2, "/": 2}
def rpn(tokens):
    out, ops = [], []
    for kind, value in tokens:
        if kind in ("num", "id"):
            out.append((kind, value))
        elif value == "(":
            ops.append(value)
        elif value == ")":
            while ops and ops[-1] != "(":
                out.append(("op", ops.pop()))
            if ops: ops.pop()
        elif value in PREC:
            while ops and ops[-1] in PREC and PREC[ops[-1]] >= PREC[value]:
                out.append(("op", ops.pop()))
            ops.append(value)
    while ops:
        out.append(("op", ops.pop()))
    return out
def evaluate(code, env):
    stack = []
    for kind, value in code:
        if kind == "num":
            stack.append(float(value))
        elif kind == "id":
            stack.append(env[value])
        else:
            b = stack.pop(); a = stack.pop()
            if value == "+": stack.append(a + b)
            elif value == "-": stack.append(a - b)
            elif value == "*": stack.append(a * b)
            else: stack.append(a / b)
    return stack[-1]
src = "if (alpha + 42 * beta_2) >= 3.14 else while x1 != y return (foo - bar) / 7 * 2.5\n" * 2
for _ in range(3):
    t = tokenize(src)
expr = rpn(tokenize("(a + 3) * (b - 2) / (c + 1.5) + d * d - 4 * e"))
total = 0.0
for i in range(120):
    total += evaluate(expr, {"a": i, "b": i + 1, "c": i % 7, "d": 2, "e": i % 3})
print(len(t), t[:3], total)
