"""An interpreter of some twenty opcodes, written in Python: a stack machine over a list of instructions.

What it measures: dispatch by the data. Which branch of the long `if` chain is taken follows the interpreted program, in which
every opcode is followed by several others; a JIT that makes a path of each sequence has as many as the program is long.
"""

SCALE = 30_000
SMALL = 500
REPEATS = 10

(PUSH, POP, DUP, SWAP, LOAD, STORE, ADD, SUB, MUL, MOD, AND, XOR, SHIFT, LESS, EQUAL, NOT, JUMP, JUMP_UNLESS, CALL, RETURN,
 HALT) = range(21)

# Counts the steps of the Collatz sequences of the numbers below the limit (variable 0), and mixes a checksum (variable 3).
PROGRAM = [
    (PUSH, 1), (STORE, 1),
    # The next number: variable 1; its sequence: variable 2.
    (LOAD, 1), (LOAD, 0), (LESS, 0), (JUMP_UNLESS, 20),
    (LOAD, 1), (STORE, 2),
    (LOAD, 2), (PUSH, 1), (EQUAL, 0), (NOT, 0), (JUMP_UNLESS, 15),
    (CALL, 21), (JUMP, 8),
    (LOAD, 1), (PUSH, 1), (ADD, 0), (STORE, 1), (JUMP, 2),
    (HALT, 0),
    # One step of the sequence.
    (LOAD, 2), (DUP, 0), (PUSH, 1), (AND, 0), (JUMP_UNLESS, 32),
    (PUSH, 3), (MUL, 0), (PUSH, 1), (ADD, 0), (STORE, 2), (JUMP, 35),
    (PUSH, 1), (SHIFT, 0), (STORE, 2),
    (LOAD, 3), (PUSH, 31), (MUL, 0), (LOAD, 2), (XOR, 0), (PUSH, 1_000_003), (SWAP, 0), (PUSH, 7), (SUB, 0), (SWAP, 0),
    (DUP, 0), (POP, 0), (MOD, 0), (STORE, 3),
    (RETURN, 0),
]


def execute(program, variables, fuel):
    """Runs a program until it halts or has done so many instructions."""
    stack, calls, at, done = [], [], 0, 0
    while done < fuel:
        op, operand = program[at]
        at += 1
        done += 1
        if op == PUSH:
            stack.append(operand)
        elif op == LOAD:
            stack.append(variables[operand])
        elif op == STORE:
            variables[operand] = stack.pop()
        elif op == POP:
            stack.pop()
        elif op == DUP:
            stack.append(stack[-1])
        elif op == SWAP:
            stack[-1], stack[-2] = stack[-2], stack[-1]
        elif op == ADD:
            right = stack.pop()
            stack.append(stack.pop() + right)
        elif op == SUB:
            right = stack.pop()
            stack.append(stack.pop() - right)
        elif op == MUL:
            right = stack.pop()
            stack.append(stack.pop() * right)
        elif op == MOD:
            right = stack.pop()
            stack.append(stack.pop() % right)
        elif op == AND:
            right = stack.pop()
            stack.append(stack.pop() & right)
        elif op == XOR:
            right = stack.pop()
            stack.append(stack.pop() ^ right)
        elif op == SHIFT:
            right = stack.pop()
            stack.append(stack.pop() >> right)
        elif op == LESS:
            right = stack.pop()
            stack.append(stack.pop() < right)
        elif op == EQUAL:
            right = stack.pop()
            stack.append(stack.pop() == right)
        elif op == NOT:
            stack.append(not stack.pop())
        elif op == JUMP:
            at = operand
        elif op == JUMP_UNLESS:
            if not stack.pop():
                at = operand
        elif op == CALL:
            calls.append(at)
            at = operand
        elif op == RETURN:
            at = calls.pop()
        else:
            break
    return done


def main(scale=SCALE):
    """Runs 20 times `scale` instructions."""
    variables = [scale, 0, 0, 7]
    done = execute(PROGRAM, variables, 20 * scale)
    return done, variables


if __name__ == "__main__":
    print(main())
