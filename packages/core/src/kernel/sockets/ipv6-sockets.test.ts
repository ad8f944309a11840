import { describe, expect, test } from "vitest";
import { ERRNO } from "../../netlink/errno.ts";
import type { InetSocketKind } from "../../system/sockets.ts";
import { at, UDP, Wire } from "./testing/hosts.ts";

const UDP6: InetSocketKind = { family: "inet6", type: "datagram", protocol: 17 };
const RAW6: InetSocketKind = { family: "inet6", type: "raw", protocol: 58 };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array | undefined): string => new TextDecoder().decode(data);
const refused = (errno: number): unknown => expect.objectContaining({ errno });

/** Link-local address of the N-th device on a wire: EUI-64 of 02:00:00:00:00:0N. */
const linkLocal = (number: number): string => `fe80::ff:fe00:${number}`;

function echo(id: number, sequence: number): Uint8Array {
  const message = new Uint8Array(16);
  message.set([128, 0, 0, 0, id >>> 8, id & 255, sequence >>> 8, sequence & 255]);
  return message;
}

/** A wire on which duplicate address detection has ended. */
function settledWire(): Wire {
  return new Wire();
}

describe("UDP over IPv6", () => {
  test("link-local addresses need a scope, which the answer carries", () => {
    const wire = settledWire();
    const [a, b] = [wire.host(1), wire.host(2)];
    wire.pass(3);
    const server = b.open(UDP6);
    server.bind(at("::", 7));
    const client = a.open(UDP6);
    expect(() => client.connect(at(linkLocal(2), 7))).toThrow(refused(ERRNO.EINVAL));
    client.sendTo(bytes("hello"), at(linkLocal(2), 7, a.device.ifindex));
    wire.pass(0.1);
    const datagram = server.receive();
    expect(text(datagram?.bytes)).toBe("hello");
    expect(datagram?.from.address).toEqual(at(linkLocal(1)).address);
    expect(datagram?.from.scope).toBe(b.device.ifindex);
  });

  test("a closed port is ECONNREFUSED", () => {
    const wire = settledWire();
    const [a] = [wire.host(1), wire.host(2)];
    wire.pass(3);
    const client = a.open(UDP6);
    client.setOption("IPV6_RECVERR", true);
    client.setOption("IPV6_RECVHOPLIMIT", true);
    client.connect(at(linkLocal(2), 7, a.device.ifindex));
    client.sendTo(bytes("hello"));
    wire.pass(0.1);
    expect(() => client.receive()).toThrow(refused(ERRNO.ECONNREFUSED));
    const error = client.receiveError();
    expect(error).toMatchObject({ origin: "icmp6", type: 1, code: 4, ttl: 64 });
    expect(text(error?.bytes)).toBe("hello");
  });

  test("too long for the path is EMSGSIZE, if it may not be cut", () => {
    const wire = settledWire();
    const [a] = [wire.host(1), wire.host(2)];
    wire.pass(3);
    const client = a.open(UDP6);
    client.setOption("IPV6_RECVERR", true);
    client.setOption("IPV6_MTU_DISCOVER", 2);
    const to = at(linkLocal(2), 7, a.device.ifindex);
    expect(() => client.sendTo(new Uint8Array(1453), to)).toThrow(refused(ERRNO.EMSGSIZE));
    expect(client.receiveError()).toMatchObject({ origin: "local", info: 1500, to: { port: 7 } });
    client.sendTo(new Uint8Array(1452), to);
  });

  test("without a route ENETUNREACH", () => {
    const wire = settledWire();
    const a = wire.host(1);
    wire.pass(3);
    expect(() => a.open(UDP6).sendTo(bytes("x"), at("2001:db8::1", 7))).toThrow(refused(ERRNO.ENETUNREACH));
  });
});

describe("one socket for both families", () => {
  test("IPv4 datagrams come from mapped addresses, and answers go back by IPv4", () => {
    const wire = settledWire();
    const [a, b] = [wire.host(1), wire.host(2)];
    wire.pass(3);
    const server = b.open(UDP6);
    server.bind(at("::", 7));
    const client = a.open(UDP);
    client.sendTo(bytes("x"), at("10.0.0.2", 7));
    wire.pass(0.1);
    const datagram = server.receive();
    expect(datagram?.from.address).toEqual(at("::ffff:10.0.0.1").address);
    if (datagram !== undefined) server.sendTo(bytes("y"), datagram.from);
    wire.pass(0.1);
    expect(text(client.receive()?.bytes)).toBe("y");
  });

  test("IPV6_V6ONLY leaves the port to IPv4", () => {
    const wire = settledWire();
    const a = wire.host(1);
    a.open(UDP6).bind(at("::", 7));
    expect(() => a.open(UDP).bind(at("0.0.0.0", 7))).toThrow(refused(ERRNO.EADDRINUSE));
    const only = a.open(UDP6);
    only.setOption("IPV6_V6ONLY", true);
    only.bind(at("::", 8));
    a.open(UDP).bind(at("0.0.0.0", 8));
  });
});

describe("raw ICMPv6 sockets", () => {
  test("checksums are the kernel's; only the message is received", () => {
    const wire = settledWire();
    const [a] = [wire.host(1), wire.host(2)];
    wire.pass(3);
    const socket = a.open(RAW6);
    socket.setOption("IPV6_RECVHOPLIMIT", true);
    const onlyReplies = Array.from({ length: 8 }, (_, word) => (word === 4 ? ~(1 << 1) : -1));
    socket.setOption("ICMP6_FILTER", onlyReplies);
    socket.sendTo(echo(7, 1), at(linkLocal(2), 0, a.device.ifindex));
    wire.pass(0.1);
    const datagram = socket.receive();
    expect([...(datagram?.bytes.subarray(0, 2) ?? [])]).toEqual([129, 0]);
    expect([...(datagram?.bytes.subarray(4, 8) ?? [])]).toEqual([0, 7, 0, 1]);
    expect(datagram?.ttl).toBe(64);
    expect(socket.ready).toBe(false);
  });

  test("a neighbour that does not answer is EHOSTUNREACH from an own address", () => {
    const wire = settledWire();
    const a = wire.host(1);
    wire.pass(3);
    const socket = a.open(RAW6);
    socket.setOption("IPV6_RECVERR", true);
    socket.sendTo(echo(7, 1), at(linkLocal(9), 0, a.device.ifindex));
    wire.pass(4);
    const error = socket.receiveError();
    expect(error).toMatchObject({ errno: ERRNO.EHOSTUNREACH, type: 1, code: 3 });
    expect(error?.offender).toEqual(at(linkLocal(1)).address);
  });
});
