#!/usr/bin/env python3
"""A process of `nft2bpf batch` for a program in Python; the standard library only.

    examples/client.py RULESET [PACKET...]     asks about a ruleset, and what becomes of packets (hex, from Ethernet on)

NFT2BPF is the command, `nft2bpf` by default.
"""

import json
import os
import shlex
import subprocess
import sys


class Refused(Exception):
    """An answer that is not ok: the diagnostics say why and where."""

    def __init__(self, diagnostics):
        super().__init__("\n".join(one["rendered"] for one in diagnostics))
        self.diagnostics = diagnostics


class Nft2bpf:
    """One process for any number of requests."""

    def __init__(self, command=("nft2bpf",)):
        self.process = subprocess.Popen(
            [*command, "batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )
        self.last = 0

    def answer(self, op, ruleset, **options):
        """The whole answer. `ruleset` is text, or libnftables JSON as text or as an object."""
        self.last += 1
        request = {"id": self.last, "op": op, "ruleset": ruleset, "options": options}
        # On one line: json escapes newlines within strings.
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise EOFError("nft2bpf has ended")
        answer = json.loads(line)
        if answer["id"] != self.last:
            raise ValueError(f"an answer to {answer['id']} where one to {self.last} was due")
        return answer

    def ask(self, op, ruleset, **options):
        """The output; raises `Refused` if there is none."""
        answer = self.answer(op, ruleset, **options)
        if not answer["ok"]:
            raise Refused(answer["diagnostics"])
        return answer["output"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


def main():
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    path, packets = sys.argv[1], sys.argv[2:]
    with open(path, encoding="utf-8") as file:
        ruleset = file.read()
    with Nft2bpf(shlex.split(os.environ.get("NFT2BPF", "nft2bpf"))) as nft2bpf:
        try:
            for chain in nft2bpf.ask("check", ruleset, name=path)["chains"]:
                where = ", ".join(chain["exact"]) or "nowhere"
                print(f"{chain['family']} {chain['table']} {chain['chain']}: exact on {where}")
            for program in nft2bpf.ask("compile", ruleset, name=path)["programs"]:
                print(f"program {program['name']} for {program['target']}: {program['slots']} instructions")
            for packet in nft2bpf.ask("run", ruleset, name=path, packets=packets)["packets"]:
                print(f"packet {packet['packet']}: {packet.get('verdict') or packet['reason']}")
        except Refused as refused:
            raise SystemExit(str(refused))


if __name__ == "__main__":
    main()
