"""del of locals, globals, cells, attributes and items in hot loops, and reading what is not there."""

# expect-stdout:
#   (666999, 'UnboundLocalError')
#   UnboundLocalError
#   unbound 1999
#   (5996, [1990, 1991, 1992], {1: 1996, 3: 1998})
#   2499500
#   (1999000, False, [1999])


def local(count):
    misses = 0
    for i in range(count):
        if i % 3 == 0:
            x = i
        else:
            try:
                misses += x
                del x
            except UnboundLocalError as error:
                misses += 1
                text = type(error).__name__
    return misses, text


print(local(2000))


def never_set(count):
    for i in range(count):
        if i == count - 1:
            break
        if i < 0:
            y = 1
    try:
        return y
    except UnboundLocalError as error:
        return type(error).__name__


print(never_set(2000))


def loop_variable(count):
    for i in range(count):
        if i == 1500:
            del i
    try:
        i += 0
    except UnboundLocalError:
        return "unbound"
    return i


print(loop_variable(1501), loop_variable(2000))


def holder(count):
    class Thing:
        pass

    thing = Thing()
    items = list(range(10))
    table = {}
    log = 0
    for i in range(count):
        thing.value = i
        table[i % 5] = i
        items.append(i)
        del items[0]
        if i % 2:
            del thing.value, table[i % 5]
        log += hasattr(thing, "value") + len(table)
    return log, items[:3], table


print(holder(2000))

total = 0
for n in range(2500):
    name = n
    if n % 5 == 0:
        del name
    try:
        total += name
    except NameError:
        total -= 1
print(total)


def replaced(count):
    total = 0
    for i in range(count):
        a = [i]
        b = a
        del a
        total += b[0]
        a = b
        del b
    return total, "b" in locals(), a


print(replaced(2000))
