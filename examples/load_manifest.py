#!/usr/bin/env python3
"""Loads a manifest of nft2bpf through bpf(2), with nothing but Python's standard library.

    nft2bpf compile RULESET --format json --vmlinux /sys/kernel/btf/vmlinux -o manifest.json
    examples/load_manifest.py manifest.json

Creates and fills the maps, writes their descriptors into the code, loads the programs and attaches them with links, in the
network namespace that it runs in. A line (or the end) of the standard input ends it: it prints the counters, and the
programs are detached with its last descriptor. Needs root.
"""

import base64
import ctypes
import json
import os
import platform
import socket
import struct
import sys

SYS_BPF = {"x86_64": 321, "aarch64": 280}[platform.machine()]
MAP_CREATE, MAP_LOOKUP, MAP_UPDATE, PROG_LOAD, LINK_CREATE = 0, 1, 2, 5, 28
PROGRAM_TYPE = {"xdp": 6, "tc": 3, "netfilter": 32}
XDP, NETFILTER, TCX = 37, 45, {"ingress": 46, "egress": 47}
IP_DEFRAG = 1
# What programs may require of the machine (docs/loading.md) and what of it holds here or is taken care of by whoever runs this.
TAKEN_CARE_OF = {"ethernet", "conntrack", "defragmentation", "initial-user-namespace"}
LOG_SIZE = 1 << 20

libc = ctypes.CDLL(None, use_errno=True)


def bpf(command, attribute):
    """The system call; `attribute` is the first bytes of its union, the rest is zero."""
    buffer = ctypes.create_string_buffer(attribute, 128)
    result = libc.syscall(SYS_BPF, command, buffer, len(buffer))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"bpf command {command}: {os.strerror(code)}")
    return result


def possible_cpus():
    with open("/sys/devices/system/cpu/possible") as file:
        last = file.read().strip().split(",")[-1].split("-")[-1]
    return int(last) + 1


CPUS = possible_cpus()


class Map:
    """A map of the manifest in the kernel. A per-CPU map has a value for each possible CPU, each padded to 8 bytes."""

    def __init__(self, entry):
        self.name, self.role = entry["name"], entry["role"]
        self.key_size, self.value_size = entry["keySize"], entry["valueSize"]
        self.copies = CPUS if entry["type"].startswith("percpu") else 1
        self.step = (self.value_size + 7) & ~7 if self.copies > 1 else self.value_size
        sizes = (entry["typeNumber"], self.key_size, self.value_size, entry["maxEntries"], entry["flags"])
        self.fd = bpf(MAP_CREATE, struct.pack("<5I8x16s", *sizes, self.name.encode()))
        keys, values = base64.b64decode(entry["keys"]), base64.b64decode(entry["values"])
        for i in range(entry["count"]):
            self.update(
                keys[i * self.key_size : (i + 1) * self.key_size],
                values[i * self.value_size : (i + 1) * self.value_size],
            )

    def element(self, key, value):
        pointers = (ctypes.addressof(key), ctypes.addressof(value))
        return struct.pack("<I4xQQ", self.fd, *pointers)

    def update(self, key, value):
        data = ctypes.create_string_buffer(value.ljust(self.step, b"\0") * self.copies, self.step * self.copies)
        key = ctypes.create_string_buffer(key, self.key_size)
        bpf(MAP_UPDATE, self.element(key, data))

    def lookup(self, key):
        """The value of each CPU, or the only one."""
        data = ctypes.create_string_buffer(self.step * self.copies)
        key = ctypes.create_string_buffer(key, self.key_size)
        bpf(MAP_LOOKUP, self.element(key, data))
        return [data.raw[i * self.step : i * self.step + self.value_size] for i in range(self.copies)]


def relocate(program, maps):
    """The code, with descriptors in the places of maps."""
    code = bytearray(base64.b64decode(program["code"]))
    for relocation in program["relocations"]:
        if relocation["kind"] != "map":
            raise SystemExit(f"{relocation['kind']} {relocation['name']} is open: translate with --vmlinux")
        struct.pack_into("<i", code, relocation["index"] * 8 + 4, maps[relocation["name"]].fd)
    return bytes(code)


def load(program, maps):
    code = relocate(program, maps)
    instructions = ctypes.create_string_buffer(code, len(code))
    license_text = ctypes.create_string_buffer(program["license"].encode())
    log = ctypes.create_string_buffer(LOG_SIZE)
    target = program["target"]
    expected = {"xdp": XDP, "netfilter": NETFILTER}.get(target, 0)

    def attribute(level):
        return struct.pack(
            "<IIQQIIQII16sII",
            *(PROGRAM_TYPE[target], len(code) // 8, ctypes.addressof(instructions), ctypes.addressof(license_text)),
            *((level, LOG_SIZE, ctypes.addressof(log)) if level else (0, 0, 0)),
            *(0, 0, program["name"].encode()[:15], 0, expected),
        )

    try:
        return bpf(PROG_LOAD, attribute(0))
    except OSError:
        try:
            return bpf(PROG_LOAD, attribute(1))
        except OSError as error:
            raise SystemExit(f"{program['name']}: {error}\n{log.value.decode(errors='replace')[-4000:]}")


def attach(fd, place, requires):
    """A link: the program stays attached as long as its descriptor is open."""
    if place["target"] == "netfilter":
        flags = IP_DEFRAG if "defragmentation" in requires else 0
        link = struct.pack("<IIII", fd, 0, NETFILTER, 0)
        return bpf(LINK_CREATE, link + struct.pack("<IIiI", place["pf"], place["hook"], place["priority"], flags))
    kind = XDP if place["target"] == "xdp" else TCX[place["direction"]]
    return bpf(LINK_CREATE, struct.pack("<IIII", fd, socket.if_nametoindex(place["device"]), kind, 0))


def counters(maps):
    """Name, packets and bytes of each counter: the sum over all CPUs, on top of what the ruleset says they start with."""
    for one in maps.values():
        if one.role["kind"] != "rule_counters":
            continue
        for i, slot in enumerate(one.role["slots"]):
            name = slot.get("object") or f"rule {slot['rule']}"
            values = [struct.unpack("<QQ", value) for value in one.lookup(struct.pack("<I", i))]
            packets, size = (sum(column) for column in zip(*values))
            yield name, packets + int(slot["packets"]), size + int(slot["bytes"])


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        manifest = json.load(file)
    if (manifest["format"], manifest["version"]) != ("nft2bpf", 1):
        raise SystemExit("not a manifest of version 1")
    for program in manifest["programs"]:
        for requirement in set(program["requires"]) - TAKEN_CARE_OF:
            raise SystemExit(f"{program['name']} requires {requirement}, which this example does not do")
    maps = {entry["name"]: Map(entry) for entry in manifest["maps"]}
    links = []
    for program in manifest["programs"]:
        fd = load(program, maps)
        for place in program["attach"]:
            links.append(attach(fd, place, program["requires"]))
        print(f"attached {program['name']}", flush=True)
    sys.stdin.readline()
    for name, packets, size in counters(maps):
        print(f"{name}: packets {packets} bytes {size}")


main()
