"""An exception that nobody catches, from two frames below a hot loop: traceback on stderr, status 1."""

# expect-status: 1
# expect-stderr: ZeroDivisionError: division by zero
# expect-stdout:
#   before
#   0 588
#   500 348772
#   1000 887834
#   1500 2142156


def divide(n):
    return 1000000 // (1700 - n)


def run(count):
    total = 0
    for i in range(count):
        total += divide(i)
        if i % 500 == 0:
            print(i, total)
    return total


print("before")
run(3000)
print("never")
