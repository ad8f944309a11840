import { describe, expect, test } from "vitest";
import { ERRNO } from "../../netlink/errno.ts";
import { decodeIcmp } from "../../wire/icmpv4-message.ts";
import { fillIcmpChecksum } from "../../wire/icmpv4.ts";
import { decodeIpv4, writeIpv4 } from "../../wire/ipv4.ts";
import type { Ipv4Packet } from "../../wire/ipv4.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { at, RAW_ICMP, Wire } from "./testing/hosts.ts";

const refused = (errno: number): unknown => expect.objectContaining({ errno });

/** An echo request with a correct checksum. */
function echo(id: number, sequence: number, length = 8): Uint8Array {
  const message = new Uint8Array(8 + length);
  message.set([8, 0, 0, 0, id >>> 8, id & 255, sequence >>> 8, sequence & 255]);
  fillIcmpChecksum(message, 0, message.length);
  return message;
}

function ipv4Of(bytes: Uint8Array | undefined): Ipv4Packet {
  const packet = decodeIpv4(bytes ?? new Uint8Array(0), 0, bytes?.length ?? 0);
  if (isMalformed(packet)) throw new Error(packet.what);
  return packet;
}

describe("raw ICMP sockets", () => {
  test("an echo request is answered; the reply comes with its IP header, also to others", () => {
    const wire = new Wire();
    const [a] = [wire.host(1), wire.host(2)];
    const socket = a.open(RAW_ICMP);
    const other = a.open(RAW_ICMP);
    socket.sendTo(echo(7, 1), at("10.0.0.2"));
    wire.pass(0.1);
    const packet = ipv4Of(socket.receive()?.bytes);
    expect(packet).toMatchObject({ ttl: 64, protocol: 1, source: 0x0a000002, destination: 0x0a000001 });
    const message = decodeIcmp(packet.payload, 0, packet.payload.length);
    expect(message).toMatchObject({ kind: "echo-reply", id: 7, sequence: 1 });
    expect(other.receive()).toBeDefined();
  });

  test("ICMP_FILTER keeps types away, and connecting other hosts", () => {
    const wire = new Wire();
    const [a] = [wire.host(1), wire.host(2), wire.host(3)];
    const filtered = a.open(RAW_ICMP);
    filtered.setOption("ICMP_FILTER", 1 << 0);
    const connected = a.open(RAW_ICMP);
    connected.connect(at("10.0.0.3"));
    a.open(RAW_ICMP).sendTo(echo(7, 1), at("10.0.0.2"));
    wire.pass(0.1);
    expect(filtered.ready).toBe(false);
    expect(connected.ready).toBe(false);
  });

  test("TTL, TOS and the don't-fragment bit are as the options say", () => {
    const wire = new Wire();
    const [a, b] = [wire.host(1), wire.host(2)];
    const listener = b.open(RAW_ICMP);
    const socket = a.open(RAW_ICMP);
    socket.setOption("IP_TTL", 3);
    socket.setOption("IP_TOS", 0x10);
    socket.sendTo(echo(1, 1), at("10.0.0.2"));
    socket.setOption("IP_MTU_DISCOVER", 0);
    socket.sendTo(echo(1, 2), at("10.0.0.2"), { ttl: 9, tos: 0 });
    wire.pass(0.1);
    expect(ipv4Of(listener.receive()?.bytes)).toMatchObject({ ttl: 3, tos: 0x10, dontFragment: true });
    expect(ipv4Of(listener.receive()?.bytes)).toMatchObject({ ttl: 9, tos: 0, dontFragment: false });
  });

  test("record route is filled in on the way there and back", () => {
    const wire = new Wire();
    const [a] = [wire.host(1), wire.host(2)];
    const socket = a.open(RAW_ICMP);
    const space = new Uint8Array(40);
    space.set([1, 7, 39, 4]);
    socket.setOption("IP_OPTIONS", space);
    socket.sendTo(echo(1, 1), at("10.0.0.2"));
    wire.pass(0.1);
    const { options } = ipv4Of(socket.receive()?.bytes);
    // The answer's options begin with the route: the echo leaves out the no-operation.
    expect([...options.subarray(0, 19)]).toEqual([
      7, 39, 20, 10, 0, 0, 1, 10, 0, 0, 2, 10, 0, 0, 2, 10, 0, 0, 1,
    ]);
    expect(() => socket.setOption("IP_OPTIONS", Uint8Array.of(7, 39, 4))).toThrow(refused(ERRNO.EINVAL));
  });
});

describe("errors about raw packets", () => {
  test("the error queue has the quoted packet, and the normal queue the message", () => {
    const wire = new Wire();
    const a = wire.host(1);
    const socket = a.open(RAW_ICMP);
    socket.setOption("IP_RECVERR", true);
    socket.sendTo(echo(7, 1), at("10.0.0.77"));
    wire.pass(3.5);
    expect(() => socket.receive()).toThrow(refused(ERRNO.EHOSTUNREACH));
    const error = socket.receiveError();
    expect(error).toMatchObject({ type: 3, code: 1, offender: at("10.0.0.1").address });
    expect([...(error?.bytes.subarray(0, 8) ?? [])]).toEqual([...echo(7, 1).subarray(0, 8)]);
    expect(ipv4Of(socket.receive()?.bytes).protocol).toBe(1);
    expect(socket.ready).toBe(false);
  });

  test("a pending error does not stop the next packet", () => {
    const wire = new Wire();
    const a = wire.host(1);
    const socket = a.open(RAW_ICMP);
    socket.setOption("IP_RECVERR", true);
    socket.sendTo(echo(7, 1), at("10.0.0.77"));
    wire.pass(3.5);
    socket.sendTo(echo(7, 2), at("10.0.0.77"));
    expect(socket.receiveError()).toBeDefined();
  });
});

describe("IP_HDRINCL", () => {
  test("the header is the program's, with length, checksum, source and id filled in", () => {
    const wire = new Wire();
    const [a, b] = [wire.host(1), wire.host(2)];
    const listener = b.open(RAW_ICMP);
    const socket = a.open({ family: "inet", type: "raw", protocol: 255 });
    const packet = new Uint8Array(20 + 16);
    writeIpv4(
      {
        tos: 4,
        id: 0,
        dontFragment: false,
        moreFragments: false,
        fragmentOffset: 0,
        ttl: 7,
        protocol: 1,
        source: 0,
        destination: 0x0a000002,
        options: new Uint8Array(0),
        payload: echo(9, 9),
      },
      packet,
      0,
    );
    packet.fill(0xa5, 2, 4);
    socket.sendTo(packet, at("10.0.0.2"));
    wire.pass(0.1);
    const received = ipv4Of(listener.receive()?.bytes);
    expect(received).toMatchObject({ tos: 4, ttl: 7, source: 0x0a000001 });
    expect(received.id).not.toBe(0);
    expect(received.payload).toEqual(echo(9, 9));
    expect(() => socket.sendTo(new Uint8Array(10), at("10.0.0.2"))).toThrow(refused(ERRNO.EINVAL));
    expect(() => socket.sendTo(new Uint8Array(1501), at("10.0.0.2"))).toThrow(refused(ERRNO.EMSGSIZE));
  });
});

describe("ping sockets", () => {
  test("are for groups that ping_group_range holds", () => {
    const wire = new Wire();
    const a = wire.host(1);
    const open = () => a.open({ family: "inet", type: "datagram", protocol: 1 });
    expect(open).toThrow(refused(ERRNO.EACCES));
  });
});

describe("TCP", () => {
  test("a SYN to a closed port is answered with a reset that acknowledges it", () => {
    const wire = new Wire();
    const [a] = [wire.host(1), wire.host(2)];
    const socket = a.open({ family: "inet", type: "raw", protocol: 6 });
    socket.connect(at("10.0.0.2"));
    const syn = new Uint8Array(20);
    syn.set([0x80, 0, 0, 9, 0, 0, 0, 5, 0, 0, 0, 0, 0x50, 0x02, 0xff, 0xff]);
    // Pseudo header and segment, RFC 9293, 3.1.
    let sum = 0x0a00 + 1 + 0x0a00 + 2 + 6 + 20;
    for (let at = 0; at < 20; at += 2) sum += ((syn[at] ?? 0) << 8) | (syn[at + 1] ?? 0);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
    syn.set([(~sum >>> 8) & 255, ~sum & 255], 16);
    socket.sendTo(syn);
    wire.pass(0.1);
    const { payload, dontFragment, id } = ipv4Of(socket.receive()?.bytes);
    expect([...payload.subarray(0, 14)]).toEqual([0, 9, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0x50, 0x14]);
    expect({ dontFragment, id }).toEqual({ dontFragment: true, id: 0 });
  });
});
