"""Makes vectors.json: definitions of products, and the frames that set, report and ask for their data points.

Nothing of iotdbg is used. The rules are those of the platform's documents (giz-docs, Uart_Protocol) and of the code that it
generates for microcontrollers: attr_flags and every group of bits are big-endian numbers, numbers are raw x with
y = x * ratio + addition. The layout is made here as the platform makes it: writable bits, writable numbers, then read-only
bits, read-only numbers, alert bits, fault bits, each block from a byte of its own. Products are made up; their forms are
those of published ones (bits across bytes, more than 8 and more than 16 bits, more than 8 and more than 16 writable points,
enums counted in bytes, ratios below 1, negative additions, binaries, products of variable length).

    python3 tests/datapoints/make.py > tests/datapoints/vectors.json
"""
import json
import random
from decimal import Decimal

rng = random.Random(20250607)


def bit_width(count):
    return max(1, (count - 1).bit_length())


class Product:
    def __init__(self, name, variable=False):
        self.name, self.variable, self.attrs = name, variable, []

    def add(self, name, kind, mode="status_writable", names=None, spec=None, size=None, unit=None):
        self.attrs.append(dict(id=len(self.attrs), name=name, kind=kind, mode=mode, names=names, spec=spec, size=size,
                               unit=unit))
        return self

    def bits(self, a):
        if a["unit"] == "byte":
            return None
        return {"bool": 1, "enum": bit_width(len(a["names"] or []) or 1)}.get(a["kind"]) if a["kind"] in ("bool", "enum") else None

    def bytes(self, a):
        return {"uint8": 1, "uint16": 2, "uint32": 4, "enum": 1}.get(a["kind"]) or a["size"]

    def layout(self):
        """Places in the fixed image; (offset, bit, width or None, group bytes)."""
        if self.variable:
            return
        at = 0
        blocks = [("status_writable", True), ("status_writable", False), ("status_readonly", True),
                  ("status_readonly", False), ("alert", True), ("fault", True)]
        for mode, is_bits in blocks:
            chosen = [a for a in self.attrs if a["mode"] == mode and (self.bits(a) is not None) == is_bits]
            if is_bits:
                used = 0
                for a in chosen:
                    a["offset"], a["bit"] = at, used
                    used += self.bits(a)
                group = (used + 7) // 8
                for a in chosen:
                    a["group"] = group
                at += group
            else:
                for a in chosen:
                    a["offset"], a["bit"] = at, 0
                    at += self.bytes(a)
        self.size = at

    def definition(self):
        attrs = []
        for a in self.attrs:
            width = self.bits(a)
            place = dict(byte_offset=0 if self.variable else a["offset"], bit_offset=0 if self.variable else a["bit"],
                         len=width if width is not None else self.bytes(a), unit="bit" if width is not None else "byte")
            out = dict(id=a["id"], name=a["name"], display_name=a["name"], desc="", type=a["mode"], data_type=a["kind"],
                       position=place)
            if a["names"] is not None:
                out["enum"] = a["names"]
            if a["spec"]:
                out["uint_spec"] = dict(min=a["spec"][0], max=a["spec"][1], ratio=float(a["spec"][2]) if "." in a["spec"][2] else int(a["spec"][2]),
                                        addition=float(a["spec"][3]) if "." in a["spec"][3] else int(a["spec"][3]))
            attrs.append(out)
        # Files need not list the points in the order of their ids.
        shuffled = attrs[:]
        rng.shuffle(shuffled)
        return dict(name=self.name, product_key="0" * 32, protocolType="var_len" if self.variable else "standard",
                    packetVersion="0x00000004",
                    entities=[dict(id=0, name="entity0", display_name="", attrs=shuffled)])

    def value(self, a):
        """A value as people give it, and its raw number or bytes."""
        if a["kind"] == "bool":
            on = rng.random() < 0.5
            return on, int(on)
        if a["kind"] == "enum":
            at = rng.randrange(len(a["names"]))
            # By name or by index; both mean the same.
            return (a["names"][at] if isinstance(a["names"][at], str) and rng.random() < 0.5 else at), at
        if a["kind"] == "binary":
            raw = bytes(rng.randrange(256) for _ in range(a["size"]))
            return raw.hex(), raw
        low, high, ratio, addition = a["spec"] or (0, 256 ** self.bytes(a) - 1, "1", "0")
        x = rng.choice([low, high, rng.randint(low, high)])
        y = Decimal(x) * Decimal(ratio) + Decimal(addition)
        return (int(y) if y == y.to_integral_value() and rng.random() < 0.5 else float(y)), x

    def written(self, a, raw):
        return raw if isinstance(raw, bytes) else raw.to_bytes(self.bytes(a), "big")

    def image(self, raws, size):
        image = bytearray(size)
        for a in self.attrs:
            if a["name"] not in raws:
                continue
            raw, at = raws[a["name"]], a["offset"]
            if self.bits(a) is None:
                data = self.written(a, raw)
                image[at:at + len(data)] = data
            else:
                group = int.from_bytes(image[at:at + a["group"]], "big") | raw << a["bit"]
                image[at:at + a["group"]] = group.to_bytes(a["group"], "big")
        return bytes(image)

    def flags(self, names, points):
        number = sum(1 << i for i, a in enumerate(points) if a["name"] in names)
        return number.to_bytes((len(points) + 7) // 8, "big")

    def variable_body(self, raws):
        packed, used, rest = 0, 0, b""
        for a in self.attrs:
            if a["name"] not in raws:
                continue
            if self.bits(a) is None:
                rest += self.written(a, raws[a["name"]])
            else:
                packed |= raws[a["name"]] << used
                used += self.bits(a)
        return self.flags(raws, self.attrs) + packed.to_bytes((used + 7) // 8, "big") + rest

    def control(self, raws):
        if self.variable:
            return b"\x11" + self.variable_body(raws)
        writable = [a for a in self.attrs if a["mode"] == "status_writable"]
        ends = [a["offset"] + (a["group"] if self.bits(a) is not None else self.bytes(a)) for a in writable]
        return b"\x01" + self.flags(raws, writable) + self.image(raws, max(ends))

    def report(self, raws):
        return b"\x14" + self.variable_body(raws) if self.variable else b"\x04" + self.image(raws, self.size)


def frame(command, p0):
    rest = b"\x00" + command.to_bytes(2, "big") + p0
    length, out = len(rest), b""
    while True:
        byte, length = length % 128, length // 128
        out += bytes([byte | (128 if length else 0)])
        if not length:
            return (b"\x00\x00\x00\x03" + out + rest).hex()


def vectors(product):
    product.layout()
    case = dict(name=product.name, definition=product.definition(), control=[], report=[], refuse=[])
    writable = [a for a in product.attrs if a["mode"] == "status_writable"]
    singles = [[a] for a in writable]
    several = [rng.sample(writable, rng.randint(1, len(writable))) for _ in range(6)]
    for chosen in singles + several + [writable]:
        values, raws = {}, {}
        for a in chosen:
            values[a["name"]], raws[a["name"]] = product.value(a)
        case["control"].append(dict(values=values, raw={n: r.hex() if isinstance(r, bytes) else r for n, r in raws.items()},
                                    frame=frame(0x90, product.control(raws))))
    for _ in range(6):
        chosen = rng.sample(product.attrs, rng.randint(1, len(product.attrs))) if product.variable else product.attrs
        values, raws = {}, {}
        for a in chosen:
            values[a["name"]], raws[a["name"]] = product.value(a)
        case["report"].append(dict(values=values, frame=frame(0x91, product.report(raws))))
    for a in product.attrs:
        if a["mode"] != "status_writable":
            case["refuse"].append([a["name"], product.value(a)[0]])
            continue
        bad = {"bool": ["on", 2], "enum": ["no such name", len(a["names"] or [])], "binary": ["zz", "00" * (a["size"] or 0) + "00"]}
        if a["kind"] in bad:
            wrong = bad[a["kind"]]
        else:
            low, high, ratio, addition = a["spec"] or (0, 256 ** product.bytes(a) - 1, "1", "0")
            y = lambda x: float(Decimal(x) * Decimal(ratio) + Decimal(addition))
            wrong = ["12", True, y(high + 1), y(low - 1)]
        case["refuse"] += [[a["name"], value] for value in wrong]
    case["refuse"].append(["no_such_point", 1])
    return case


def pump():
    p = Product("wave maker: bits over two bytes, enums, timers as binary")
    for name in ("SwitchON", "FeedSwitch", "TimerON", "AutoMode", "PulseTide"):
        p.add(name, "bool")
    p.add("Mode", "enum", names=["classic", "sine", "random", "constant"]).add("Linkage", "enum", names=["main", "slave", "off"])
    p.add("Flow", "uint8", spec=(30, 100, "1", "0")).add("Frequency", "uint8", spec=(5, 100, "1", "0"))
    for i in range(4):
        p.add(f"Timer{i}", "binary", size=3 + i)
    p.add("Fault_Overcurrent", "bool", "fault").add("Fault_Locked", "bool", "fault").add("Alarm", "bool", "alert")
    return p


def heater():
    p = Product("boiler: 17 bits, ratios and additions, wide numbers")
    for i in range(11):
        p.add(f"sw{i}", "bool")
    p.add("curve", "enum", names=[str(i) for i in range(9)]).add("lang", "enum", names=["zh", "en"])
    p.add("program", "enum", names=["a", "b", "c", "d", "e"])
    p.add("Heating_Curve", "uint8", spec=(0, 100, "0.1", "0")).add("Flow_Temp", "uint8", spec=(60, 160, "0.5", "0"))
    p.add("Room_Temp_Set", "uint16", spec=(0, 800, "0.1", "-20")).add("Offset", "uint8", spec=(0, 10, "1", "-5"))
    p.add("Half", "uint8", spec=(0, 50, "0.5", "5")).add("Energy", "uint32", spec=(0, 4294967295, "1", "0"))
    p.add("Fine", "uint16", spec=(0, 65535, "0.01", "-100.5")).add("Step25", "uint16", spec=(0, 400, "25", "100"))
    p.add("Outside", "uint16", "status_readonly", spec=(0, 1500, "0.1", "-50")).add("Burner", "bool", "status_readonly")
    p.add("Stage", "enum", "status_readonly", names=["idle", "low", "mid", "high", "max"])
    p.add("Serial", "binary", "status_readonly", size=8)
    for i in range(10):
        p.add(f"F{i}", "bool", "fault")
    return p


def spa():
    p = Product("spa: one writable bit, 16 writable points exactly")
    p.add("power", "bool")
    for i in range(15):
        p.add(f"n{i}", ("uint8", "uint16", "uint32")[i % 3], spec=None)
    p.add("heat", "bool", "status_readonly")
    return p


def eight():
    p = Product("eight bits exactly in the first group")
    for i in range(6):
        p.add(f"b{i}", "bool")
    p.add("m", "enum", names=["0", "1", "2", "3"]).add("v", "uint8", spec=(1, 100, "1", "0"))
    return p


def doser():
    p = Product("doser: an enum that takes a byte, names that are numbers")
    p.add("switch", "bool").add("Speed", "uint8", spec=(1, 100, "1", "0"))
    p.add("Mode", "enum", names=[0, 1, 2, 3], unit="byte").add("Err", "bool", "fault")
    return p


def toy(variable):
    p = Product("talking toy, " + ("variable" if variable else "fixed") + " length", variable)
    p.add("switch", "bool").add("wakeup_word", "bool").add("charge_status", "enum", "status_readonly", names=["none", " charging", "charge_done"])
    p.add("alert_tone_language", "enum", names=["chinese_simplified", "english"]).add("chat_mode", "enum", names=["0", "1", "2"])
    p.add("battery_percentage", "uint8", "status_readonly", spec=(0, 100, "1", "0")).add("volume_set", "uint8", spec=(0, 100, "1", "0"))
    p.add("rssi", "uint8", "status_readonly", spec=(0, 100, "1", "-100")).add("brightness", "uint8", spec=(0, 100, "1", "0"))
    return p


def long_one():
    p = Product("variable length: 40 points, bits among numbers and binaries", True)
    for i in range(40):
        mode = "status_readonly" if i % 5 == 4 else "status_writable"
        kind = ("bool", "uint16", "enum", "uint8", "bool", "binary", "uint32", "enum")[i % 8]
        names = [f"e{k}" for k in range(2 + i % 7)] if kind == "enum" else None
        spec = (0, 200, "0.5", "-10") if kind == "uint8" else None
        p.add(f"p{i}", kind, mode, names=names, spec=spec, size=1 + i % 4 if kind == "binary" else None)
    return p


def any_product(number):
    p = Product(f"made up {number}", variable=number % 3 == 2)
    for i in range(rng.randint(3, 30)):
        kind = rng.choice(["bool", "bool", "enum", "uint8", "uint16", "uint32", "binary"])
        mode = "status_writable" if i < 2 or rng.random() < 0.6 else rng.choice(["status_readonly", "alert", "fault"])
        if mode in ("alert", "fault"):
            kind = "bool"
        names = [f"e{k}" for k in range(rng.randint(2, 20))] if kind == "enum" else None
        spec = None
        if kind.startswith("uint") and rng.random() < 0.7:
            most = {"uint8": 255, "uint16": 65535, "uint32": 10 ** 6}[kind]
            low = rng.randint(0, most // 3)
            spec = (low, rng.randint(low + 1, most - 1), rng.choice(["1", "0.1", "0.5", "2", "0.01"]), rng.choice(["0", "-40", "7", "-0.5"]))
        p.add(f"x{i}", kind, mode, names=names, spec=spec, size=rng.randint(1, 40) if kind == "binary" else None)
    # Writable points have the lowest ids, as the platform gives them.
    if not p.variable:
        p.attrs.sort(key=lambda a: a["mode"] != "status_writable")
        for i, a in enumerate(p.attrs):
            a["id"] = i
    return p


products = [pump(), heater(), spa(), eight(), doser(), toy(False), toy(True), long_one()] + [any_product(n) for n in range(16)]
print(json.dumps([vectors(p) for p in products], ensure_ascii=False, separators=(",", ":")).replace('{"name":', '\n{"name":'))
