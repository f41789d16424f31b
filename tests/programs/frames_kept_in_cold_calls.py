"""Frames that the program keeps while a loop of theirs makes opaque calls, in functions whose calls the VM has not specialised."""

# expect-stdout:
#   [[0], [125250], [500500], [1125750], [2001000], [3126250]]
#   [0, 125250, 500500, 1125750, 2001000, 3126250]
#   [[0], [125250], [500500], [1125750], [2001000], [3126250]]
#   [[], [], [], [], [], []]

import sys
kept = []
def keep(): kept.append(sys._getframe(1))
def look(): return [f.f_locals.get('t') for f in kept]
class A:
    def m(self, hold):
        if hold: keep()
        out=[]; t=0
        for i in range(3000):
            t+=i
            if i%500==0: out.append(look())
        return out
    def n(self):
        f = sys._getframe(); out=[]; t=0
        for i in range(3000):
            t+=i
            if i%500==0: out.append(f.f_locals['t'])
        return out
    def o(self):
        try: raise ValueError
        except ValueError as e: kept.append(e.__traceback__.tb_frame)
        out=[]; t=0
        for i in range(3000):
            t+=i
            if i%500==0: out.append(look())
        return out
print(A().m(True)); kept.clear()
print(A().n())
print(A().o()); kept.clear()
print(A().m(False))
