"""Line charts as SVG, with the standard library only, the same bytes for the same figures."""

from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT = 520, 320
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 34, 44
COLOURS = ("#0b6fb8", "#d1495b", "#8a8a8a", "#2e933c", "#7b4fa3")
DASHES = ("", "6 3", "2 3", "8 3 2 3", "4 2")


def chart(title, x_label, y_label, series):
    """A chart with a logarithmic y axis. `series` maps names to lists of (x, y); points that are 0 or None are left out."""
    points = {name: [(x, y) for x, y in line if y] for name, line in series.items()}
    xs = [x for line in points.values() for x, _ in line]
    ys = [y for line in points.values() for _, y in line]
    if not xs:
        raise ValueError(f"{title}: there are no points")
    low, high = floor(log10(min(ys))), max(ceil(log10(max(ys))), floor(log10(min(ys))) + 1)
    first, last = min(xs), max(max(xs), min(xs) + 1)
    across = lambda x: LEFT + (x - first) / (last - first) * (WIDTH - LEFT - RIGHT)
    up = lambda y: HEIGHT - BOTTOM - (log10(y) - low) / (high - low) * (HEIGHT - TOP - BOTTOM)
    middle, centred = (TOP + HEIGHT - BOTTOM) / 2, 'text-anchor="middle"'
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        text((LEFT + WIDTH - RIGHT) / 2, 20, title, f'{centred} font-weight="bold"'),
        text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, x_label, centred),
        text(14, middle, y_label, f'{centred} transform="rotate(-90 14 {middle:g})"'),
    ]
    for power in range(low, high + 1):
        y = up(10**power)
        out.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#dddddd"/>')
        out.append(text(LEFT - 6, y + 4, f"{10**power:g}", 'text-anchor="end"'))
    for x in sorted(set(xs)):
        out.append(text(across(x), HEIGHT - BOTTOM + 16, str(x), centred))
    out.append(f'<path d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}" fill="none" stroke="black"/>')
    for number, (name, line) in enumerate(points.items()):
        colour, dash = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
        path = " ".join(f"{across(x):.1f},{up(y):.1f}" for x, y in line)
        style = f'fill="none" stroke="{colour}" stroke-width="2"' + (f' stroke-dasharray="{dash}"' if dash else "")
        out.append(f'<polyline points="{path}" {style}/>')
        out += [f'<circle cx="{across(x):.1f}" cy="{up(y):.1f}" r="2.5" fill="{colour}"/>' for x, y in line]
        y = TOP + 12 + 18 * number
        out.append(f'<line x1="{WIDTH - RIGHT + 12}" y1="{y}" x2="{WIDTH - RIGHT + 36}" y2="{y}" {style}/>')
        out.append(text(WIDTH - RIGHT + 42, y + 4, name, ""))
    return "\n".join([*out, "</svg>", ""])


def text(x, y, what, style):
    return f'<text x="{x:g}" y="{y:.1f}" {style}>{escape(what)}</text>'
