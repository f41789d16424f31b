"""A loop whose variables become bound in any order: the paths of an inlined call meet whatever is bound on them, also when one
of the numbers is in a tuple, too."""

# expect-stdout:
#   57200
# expect-no-event: ..."reason":"lost-position"...


def pieces(numbers, seed):
    total = 0
    for number in numbers:
        if number % 3 == seed:
            third = [number]
            total += len(third)
        if number % 5 == seed:
            fifth = str(number)
            total += len(fifth)
        if number % 7 == seed:
            seventh = (number, seed)
            total += seventh[1]
        if number % 2 == seed:
            second = [seed]
            total += second[0]
    return total


def main(limit):
    total = 0
    for n in range(limit):
        total += pieces(range(n % 40), n % 3)
    return total


print(main(3000))
