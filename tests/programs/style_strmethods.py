"""Slugs, camel case, templates: methods of str."""

# expect-stdout:
#   7988 hello-world-this-is-a-title-59 someLongVariableName9
# expect-event: ..."kind":"loop"...

def slug(title):
    out = []
    for ch in title.strip().lower():
        if ch.isalnum(): out.append(ch)
        elif ch in " -_" and out and out[-1] != "-": out.append("-")
    return "".join(out).strip("-")
def camel(name):
    parts = name.split("_")
    return parts[0] + "".join(p.title() for p in parts[1:])
def snake(name):
    out = ""
    for c in name:
        if c.isupper():
            out += "_" + c.lower()
        else:
            out += c
    return out
def count_vowels(s):
    n = 0
    for ch in s:
        if ch in "aeiou":
            n += 1
    return n
def template(t, values):
    for k, v in values.items():
        t = t.replace("{" + k + "}", str(v))
    return t
n = 0
for i in range(60):
    s = slug("  Hello World -- This_is a Title %d! " % i)
    n += len(s) + count_vowels(s)
    c = camel("some_long_variable_name_%d" % (i % 10))
    n += len(snake(c))
    if s.startswith("hello") and s.endswith("1"):
        n += s.find("title") + s.index("world")
    n += len(template("Dear {name}, you owe {amount} to {who}.", {"name": "Bob", "amount": i, "who": "Al"}))
    a, sep, b = s.partition("-")
    n += len(a) + len(b.rsplit("-", 1)[0]) + len("{}:{:>5}".format(i, a)) + len("%s=%d" % (a, i))
print(n, s, c)
