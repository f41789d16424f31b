"""Random numbers: the same ones in compiled code, with states saved and restored, in derived classes and under other names."""

# expect-stdout:
#   2501.1550762474703
#   True 0.8463378681676618
#   58571576828092 180087144989680 17380196372178 99024756794003 40863323191573
#   0 ValueError TypeError OverflowError
#   154668
#   230.2829422461137 900 654121 8100
#   59698871767517 9000 781946 19173
#   25.0 140002820691876
#   446.71950117658054 65605514633429
#   51.237520131839176
#   25.0
#   27.056769054920924
#   51.237520131839176
#   51.237520131839176
#   45.83686302284666
#   25.0
#   24.258103175567843
#   45.83686302284666
#   45.83686302284666
#   51.020993390556605
#   25.0
#   25.37055363913994
#   51.020993390556605
#   51.020993390556605
#   1507.8692619627968 81 0.8416677965962843
#   700 345.9906808302719
#   458.2135564837321
#   TypeError TypeError TypeError True

import _random
import random
import sys


class Loaded(random.Random):
    def random(self):
        asked.append(1)
        return super().random() / 2


class Bits(random.Random):
    def getrandbits(self, count):
        asked.append(count)
        return super().getrandbits(count)


class Other:
    def random(self):
        return 0.25

    def getrandbits(self, count):
        return count


asked = []


def floats(generator, count):
    total = 0.0
    for _ in range(count):
        total += generator.random()
    return total


def bits(generator, count, width):
    total = 0
    for _ in range(count):
        total = (total * 5 + generator.getrandbits(width)) & 0xFFFFFFFFFFFF
    return total


def failing(action, *arguments):
    try:
        return action(*arguments)
    except Exception as error:
        return type(error).__name__


def games(generator, count):
    cards = list(range(20))
    seen = 0
    for number in range(count):
        generator.shuffle(cards)
        seen = (seen * 7 + cards[0] + generator.randint(-5, 5) + generator.choice(cards)) % 1000003
        seen += generator.randrange(1, 1 << 40) % 11 + int(generator.uniform(2, 5) * 10) + int(generator.gauss(0, 1) * 4)
    return seen


generator = random.Random(5)
state = generator.getstate()
print(floats(generator, 5000))
generator.setstate(state)
print(floats(generator, 5000) == floats(random.Random(5), 5000), generator.random())
print(bits(generator, 3000, 1), bits(generator, 3000, 17), bits(generator, 3000, 32), bits(generator, 3000, 33), bits(generator, 500, 100))
print(failing(bits, generator, 100, 0), failing(bits, generator, 100, -1), failing(bits, generator, 100, 1.5), failing(bits, generator, 60, 1 << 70))
print(games(random.Random(9), 2000))
print(floats(Loaded(1), 900), len(asked), games(Loaded(2), 300), len(asked))
print(bits(Bits(1), 900, 9), len(asked), games(Bits(2), 300), len(asked))
print(floats(Other(), 100), bits(Other(), 100, 7))
print(floats(_random.Random(3), 900), bits(_random.Random(3), 900, 8))
for which in [random.Random(1), Other(), Loaded(3), random.Random(1), _random.Random(1)] * 3:
    print(floats(which, 100))

random.seed(11)
total = 0.0
for number in range(3000):
    total += random.random()
    if number % 500 == 0:
        random.seed(number)
    if number % 700 == 0:
        state = random.getstate()
    if number % 700 == 350:
        random.setstate(state)
print(total, random.getrandbits(8), random.random())

taken = generator.random
values = [taken() for _ in range(700)]
again = random.Random()
again.setstate(state)
print(len(set(values)), floats(again, 700))
taken = random.Random(4).random
total = 0
for number in range(900):
    total += taken()
    if number == 600:
        taken = random.Random(4).random
print(total)
random.SystemRandom().random()
print(failing(random.Random.random), failing(random.Random.random, 3), failing(generator.random, 1), sys.getrefcount(generator) < 10)
