"""Frames with UDP datagrams from the device peer0 to eth0 (02:00:00:00:00:02); prints the sources whose datagrams a socket got, in order.

    traffic.py ADDRESS...

The last datagram comes from 203.0.113.250, which nobody blocks: when it is there, all others have been decided.
"""

import socket
import struct
import sys

HERE, PORT, LAST = "192.0.2.254", 9, "203.0.113.250"
TO, FROM = bytes.fromhex("020000000002"), bytes.fromhex("020000000001")


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def frame(source):
    payload = struct.pack(">HHHH", 4000, PORT, 8 + 4, 0) + b"ping"
    header = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1, 0, 64, 17, 0, *map(socket.inet_aton, (source, HERE)))
    header = header[:10] + struct.pack(">H", checksum(header)) + header[12:]
    return TO + FROM + b"\x08\0" + header + payload


receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.bind((HERE, PORT))
receiver.settimeout(20)
sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sender.bind(("peer0", 0))
for address in [*sys.argv[1:], LAST]:
    sender.send(frame(address))
while True:
    _, (source, _) = receiver.recvfrom(100)
    if source == LAST:
        break
    print(source)
