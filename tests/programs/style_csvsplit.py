"""Records split by hand and by csv, totals in dicts."""

# expect-stdout:
#   120 475.0 ['item119', 'city0', '29.75', '2'] 1133
# expect-event: ..."kind":"loop"...

import csv, io
def parse(text):
    rows = []
    lines = text.split("\n")
    header = lines[0].split(",")
    for line in lines[1:]:
        if not line.strip():
            continue
        fields = line.split(",")
        row = {}
        for name, value in zip(header, fields):
            row[name] = value.strip()
        row["price"] = float(row["price"])
        row["qty"] = int(row["qty"])
        rows.append(row)
    return rows
def totals(rows):
    out = {}
    for row in rows:
        city = row["city"]
        out[city] = out.get(city, 0.0) + row["price"] * row["qty"]
    return out
def by_char(line):
    fields = []; cur = ""; quoted = False
    for ch in line:
        if ch == '"':
            quoted = not quoted
        elif ch == "," and not quoted:
            fields.append(cur); cur = ""
        else:
            cur += ch
    fields.append(cur)
    return fields
text = "name,city,price,qty\n" + "\n".join(f"item{i},city{i % 17},{i * 0.25},{i % 9}" for i in range(120))
for _ in range(2):
    rows = parse(text)
    t = totals(rows)
for line in text.split("\n"):
    f = by_char(line)
n = 0
for row in csv.reader(io.StringIO(text)):
    n += len(row)
for row in csv.DictReader(io.StringIO(text)):
    n += len(row["city"])
print(len(rows), round(t["city3"], 2), f, n)
