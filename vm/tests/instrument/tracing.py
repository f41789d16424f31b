# Tracers, debuggers and tracebacks see the same with sites as without.
import bdb, sys, traceback, warnings

warnings.simplefilter("ignore", RuntimeWarning)

a, b = load(False), load(True)
FILE = "corpus.py"

def traced(function, opcodes=False):
    events = []
    def trace(frame, event, arg):
        code = frame.f_code
        if code.co_filename != FILE:
            return None
        frame.f_trace_opcodes = opcodes
        events.append((code.co_name, event, frame.f_lineno, frame.f_lasti, type(arg).__name__))
        return trace
    sys.settrace(trace)
    try:
        outcome(function)
    finally:
        sys.settrace(None)
    return events

def profiled(function):
    events = []
    def profile(frame, event, arg):
        if frame.f_code.co_filename == FILE:
            events.append((frame.f_code.co_name, event, frame.f_lineno, frame.f_lasti))
    sys.setprofile(profile)
    try:
        outcome(function)
    finally:
        sys.setprofile(None)
    return events

for f, g in zip(a.programs + [a.raises_in_loop], b.programs + [b.raises_in_loop]):
    for _ in range(3):
        same(f"trace of {f.__name__}", traced(f), traced(g))
        same(f"profile of {f.__name__}", profiled(f), profiled(g))
    # Opcode events come for the units of sites too, at the offset of the instruction behind them, the last without a line.
    left, right = traced(f, True), traced(g, True)
    assert set(left) <= set(right) and {e[2] for e in left} | {None} == {e[2] for e in right} | {None}, f

E = sys.monitoring.events
SINGLE = [E.PY_START, E.PY_RESUME, E.PY_RETURN, E.PY_YIELD, E.CALL, E.LINE, E.INSTRUCTION, E.JUMP, E.BRANCH_LEFT, E.BRANCH_RIGHT,
          E.STOP_ITERATION, E.RAISE, E.EXCEPTION_HANDLED, E.PY_UNWIND, E.PY_THROW, E.RERAISE]
TOOL = 2

def monitored(function, events, local=None, disable=False):
    log = []
    def note(event):
        def callback(code, *arguments):
            if code.co_filename == FILE:
                log.append((event, code.co_name, *(x if isinstance(x, int) else type(x).__name__ for x in arguments)))
            if disable:
                return sys.monitoring.DISABLE
        return callback
    sys.monitoring.use_tool_id(TOOL, "test")
    try:
        total = 0
        for event in events:
            total |= event
            callback = note(event)
            assert sys.monitoring.register_callback(TOOL, event, callback) is None
            assert sys.monitoring.register_callback(TOOL, event, callback) is callback
        if local:
            sys.monitoring.set_local_events(TOOL, local, total)
            assert sys.monitoring.get_local_events(TOOL, local) == total
        else:
            sys.monitoring.set_events(TOOL, total)
            try:
                raise KeyError
            except KeyError:
                pass
        outcome(function)
    finally:
        for event in events:
            sys.monitoring.register_callback(TOOL, event, None)
        sys.monitoring.set_events(TOOL, 0)
        if local:
            sys.monitoring.set_local_events(TOOL, local, 0)
        sys.monitoring.free_tool_id(TOOL)
        sys.monitoring.restart_events()
    return log

# The VM itself loses the prefix of a loop's distance when it marks the loop's line, and crashes without sites.
a.programs.remove(a.matching), b.programs.remove(b.matching)
for f, g in zip(a.programs, b.programs):
    for event in SINGLE:
        # The VM remembers that it has told of a reraise until an exception is handled while somebody watches that.
        events = [event, E.EXCEPTION_HANDLED] if event == E.RERAISE else [event]
        same(f"event {event} of {f.__name__}", monitored(f, events), monitored(g, events))
    same(f"lines and calls of {f.__name__}", monitored(f, [E.LINE, E.CALL]), monitored(g, [E.LINE, E.CALL]))
    same(f"lines and instructions of {f.__name__}", monitored(f, [E.LINE, E.INSTRUCTION]), monitored(g, [E.LINE, E.INSTRUCTION]))
    for event in (E.LINE, E.INSTRUCTION, E.BRANCH_LEFT, E.JUMP):
        same(f"local {event} of {f.__name__}", monitored(f, [event], f.__code__), monitored(g, [event], g.__code__))
        same(f"once {event} of {f.__name__}", monitored(f, [event], None, True), monitored(g, [event], None, True))
    same(f.__name__, [outcome(f)], [outcome(g)])

# Everything while sites are passed, and afterwards the code is as before.
for f, g in zip(a.programs, b.programs):
    monitored(g, SINGLE[:10])
    assert f.__code__ == g.__code__ and outcome(f) == outcome(g)

def report(function):
    try:
        function()
    except Exception as error:
        tb = error.__traceback__
        offsets = []
        while tb:
            offsets.append((tb.tb_frame.f_code.co_name, tb.tb_lasti, tb.tb_lineno, tb.tb_frame.f_lasti))
            tb = tb.tb_next
        return traceback.format_exception(error), offsets[1:]
same("traceback", report(a.raises_in_loop), report(b.raises_in_loop))

# A traceback that is made from another's parts says the same.
def parts(function):
    try:
        function()
    except Exception as error:
        tb = error.__traceback__.tb_next
        new = type(tb)(None, tb.tb_frame, tb.tb_lasti, tb.tb_lineno)
        return [new.tb_lasti == tb.tb_lasti, new.tb_lasti, traceback.format_tb(new) == traceback.format_tb(tb)]
same("parts", parts(a.raises_in_loop), parts(b.raises_in_loop))
assert parts(b.raises_in_loop)[0] and parts(b.raises_in_loop)[2]

# Suspended generators.
def suspended(names):
    g = names.generator()
    out = [(g.gi_frame.f_lasti, g.gi_frame.f_lineno)]
    for _ in g:
        out.append((g.gi_frame.f_lasti, g.gi_frame.f_lineno))
    return out
same("suspended", suspended(a), suspended(b))

# Jumping by f_lineno.
JUMPER = """
def jumper(n):
    out = []
    for i in range(n):
        out.append(i)
        out.append(-i)
    while n > 0:
        n -= 1
        out.append("w")
    return out
"""
def jumped(names, source_line, target):
    done = []
    def trace(frame, event, arg):
        if frame.f_code.co_name == "jumper" and event == "line" and frame.f_lineno == source_line and not done:
            done.append(True)
            frame.f_lineno = target
        return trace
    sys.settrace(trace)
    try:
        return outcome(lambda: names.jumper(2))
    finally:
        sys.settrace(None)
c, d = (load(make, JUMPER, "jumper.py") for make in (False, True))
for source_line in range(3, 11):
    for target in range(2, 12):
        same(f"jump {source_line}->{target}", [jumped(c, source_line, target)], [jumped(d, source_line, target)])

class Stepper(bdb.Bdb):
    def __init__(self):
        super().__init__()
        self.lines = []
    def user_line(self, frame):
        self.lines.append((frame.f_code.co_name, frame.f_lineno))
        self.set_step()
def stepped(function):
    stepper = Stepper()
    stepper.runcall(function)
    return [line for line in stepper.lines]
for f, g in zip(a.programs[:6], b.programs[:6]):
    same("steps", stepped(f), stepped(g))
