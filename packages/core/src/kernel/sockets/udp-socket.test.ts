import { describe, expect, test } from "vitest";
import { ERRNO } from "../../netlink/errno.ts";
import { bytesEqual } from "../../wire/bytes.ts";
import { at, UDP, Wire } from "./testing/hosts.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array | undefined): string => new TextDecoder().decode(data);
const refused = (errno: number): unknown => expect.objectContaining({ errno });

describe("UDP between two hosts", () => {
  test("a datagram arrives with its source", () => {
    const wire = new Wire();
    const [a, b] = [wire.host(1), wire.host(2)];
    const server = b.open(UDP);
    server.bind(at("0.0.0.0", 7));
    const client = a.open(UDP);
    client.sendTo(bytes("hello"), at("10.0.0.2", 7));
    wire.pass(0.1);
    const datagram = server.receive();
    expect(text(datagram?.bytes)).toBe("hello");
    expect(datagram?.from.address).toEqual(at("10.0.0.1").address);
    expect(datagram?.from.port).toBe(client.localAddress().port);
    expect(server.ready).toBe(false);
  });

  test("an answer to a connected socket comes only from its peer", () => {
    const wire = new Wire();
    const [a, b, c] = [wire.host(1), wire.host(2), wire.host(3)];
    const client = a.open(UDP);
    client.connect(at("10.0.0.2", 7));
    const { port, address } = client.localAddress();
    expect(address).toEqual(at("10.0.0.1").address);
    expect(port).toBeGreaterThanOrEqual(32768);
    const server = b.open(UDP);
    server.bind(at("10.0.0.2", 7));
    const stranger = c.open(UDP);
    stranger.sendTo(bytes("x"), at("10.0.0.1", port));
    server.sendTo(bytes("y"), at("10.0.0.1", port));
    wire.pass(0.1);
    expect(text(client.receive()?.bytes)).toBe("y");
    expect(client.receive()).toBeUndefined();
  });

  test("port_unreachable_is_ECONNREFUSED_for_a_connected_socket", () => {
    const wire = new Wire();
    const [a] = [wire.host(1), wire.host(2)];
    const client = a.open(UDP);
    client.connect(at("10.0.0.2", 9));
    client.sendTo(bytes("x"));
    wire.pass(0.1);
    expect(client.ready).toBe(true);
    expect(() => client.receive()).toThrow(refused(ERRNO.ECONNREFUSED));
    expect(client.ready).toBe(false);
  });

  test("an unconnected socket hears of errors only with IP_RECVERR", () => {
    const wire = new Wire();
    const [a] = [wire.host(1), wire.host(2)];
    const quiet = a.open(UDP);
    quiet.sendTo(bytes("x"), at("10.0.0.2", 9));
    const told = a.open(UDP);
    told.setOption("IP_RECVERR", true);
    told.setOption("IP_RECVTTL", true);
    told.sendTo(bytes("abc"), at("10.0.0.2", 9));
    wire.pass(0.1);
    expect(quiet.ready).toBe(false);
    expect(() => told.receive()).toThrow(refused(ERRNO.ECONNREFUSED));
    const error = told.receiveError();
    expect(error).toMatchObject({ errno: ERRNO.ECONNREFUSED, origin: "icmp", type: 3, code: 3, ttl: 64 });
    expect(text(error?.bytes)).toBe("abc");
    expect(error?.to).toMatchObject({ address: at("10.0.0.2").address, port: 9 });
    expect(error?.offender).toEqual(at("10.0.0.2").address);
    expect(told.ready).toBe(false);
  });

  test("a neighbour that does not answer is EHOSTUNREACH after three seconds", () => {
    const wire = new Wire();
    const a = wire.host(1);
    const client = a.open(UDP);
    client.setOption("IP_RECVERR", true);
    client.connect(at("10.0.0.77", 9));
    client.sendTo(bytes("x"));
    wire.pass(2.9);
    expect(client.ready).toBe(false);
    wire.pass(0.3);
    expect(() => client.receive()).toThrow(refused(ERRNO.EHOSTUNREACH));
    expect(client.receiveError()).toMatchObject({ type: 3, code: 1, offender: at("10.0.0.1").address });
  });

  test("broadcast needs SO_BROADCAST and reaches everyone", () => {
    const wire = new Wire();
    const [a, b, c] = [wire.host(1), wire.host(2), wire.host(3)];
    const servers = [b, c].map((host) => {
      const server = host.open(UDP);
      server.bind(at("0.0.0.0", 7));
      return server;
    });
    const client = a.open(UDP);
    expect(() => client.sendTo(bytes("x"), at("10.0.0.255", 7))).toThrow(refused(ERRNO.EACCES));
    client.setOption("SO_BROADCAST", true);
    client.sendTo(bytes("x"), at("10.0.0.255", 7));
    wire.pass(0.1);
    for (const server of servers) expect(text(server.receive()?.bytes)).toBe("x");
  });

  test("a group is heard by its members", () => {
    const wire = new Wire();
    const [a, b, c] = [wire.host(1), wire.host(2), wire.host(3)];
    const member = b.open(UDP);
    member.bind(at("0.0.0.0", 7));
    member.setOption("IP_PKTINFO", true);
    member.setOption("IP_ADD_MEMBERSHIP", { group: at("239.1.2.3").address, ifindex: b.device.ifindex });
    const other = c.open(UDP);
    other.bind(at("0.0.0.0", 7));
    const client = a.open(UDP);
    client.setOption("IP_MULTICAST_IF", { ifindex: a.device.ifindex });
    client.sendTo(bytes("x"), at("239.1.2.3", 7));
    wire.pass(0.1);
    expect(member.receive()?.packetInfo).toEqual({
      ifindex: b.device.ifindex,
      local: at("239.1.2.3").address,
    });
    expect(other.receive()).toBeUndefined();
    const again = (): void => {
      member.setOption("IP_ADD_MEMBERSHIP", { group: at("239.1.2.3").address, ifindex: b.device.ifindex });
    };
    expect(again).toThrow(refused(ERRNO.EADDRINUSE));
    member.setOption("IP_DROP_MEMBERSHIP", { group: at("239.1.2.3").address, ifindex: b.device.ifindex });
    client.sendTo(bytes("y"), at("239.1.2.3", 7));
    wire.pass(0.1);
    expect(member.receive()).toBeUndefined();
  });
});

describe("ports", () => {
  test("two sockets cannot have one port and address", () => {
    const a = new Wire().host(1);
    const first = a.open(UDP);
    first.bind(at("10.0.0.1", 7));
    expect(() => a.open(UDP).bind(at("10.0.0.1", 7))).toThrow(refused(ERRNO.EADDRINUSE));
    expect(() => a.open(UDP).bind(at("0.0.0.0", 7))).toThrow(refused(ERRNO.EADDRINUSE));
    a.open(UDP).bind(at("127.0.0.1", 7));
    first.close();
    a.open(UDP).bind(at("10.0.0.1", 7));
  });

  test("SO_REUSEADDR on both lets them share", () => {
    const a = new Wire().host(1);
    for (let index = 0; index < 2; index++) {
      const socket = a.open(UDP);
      socket.setOption("SO_REUSEADDR", true);
      socket.bind(at("0.0.0.0", 7));
    }
  });

  test("only own addresses can be bound, and only once", () => {
    const a = new Wire().host(1);
    const socket = a.open(UDP);
    expect(() => socket.bind(at("10.0.0.2", 7))).toThrow(refused(ERRNO.EADDRNOTAVAIL));
    socket.bind(at("10.0.0.1", 7));
    expect(() => socket.bind(at("10.0.0.1", 8))).toThrow(refused(ERRNO.EINVAL));
  });

  test("a full range is EADDRINUSE", () => {
    const wire = new Wire();
    const a = wire.host(1);
    const free = new Set<number>();
    for (let index = 0; index < 200; index++) {
      const socket = a.open(UDP);
      socket.bind(at("0.0.0.0", 0));
      free.add(socket.localAddress().port);
    }
    expect(free.size).toBe(200);
  });
});

describe("refusals of sending", () => {
  test("without a route ENETUNREACH, without a destination EDESTADDRREQ, port 0 EINVAL", () => {
    const a = new Wire().host(1);
    const socket = a.open(UDP);
    expect(() => socket.sendTo(bytes("x"), at("192.0.2.1", 7))).toThrow(refused(ERRNO.ENETUNREACH));
    expect(() => socket.sendTo(bytes("x"))).toThrow(refused(ERRNO.EDESTADDRREQ));
    expect(() => socket.sendTo(bytes("x"), at("10.0.0.2", 0))).toThrow(refused(ERRNO.EINVAL));
    expect(() => socket.sendTo(bytes("x"), at("::1", 7))).toThrow(refused(ERRNO.EAFNOSUPPORT));
  });

  test("too long is EMSGSIZE, and IP_RECVERR tells the path MTU", () => {
    const a = new Wire().host(1);
    const socket = a.open(UDP);
    socket.setOption("IP_RECVERR", true);
    expect(() => socket.sendTo(new Uint8Array(65508), at("10.0.0.2", 7))).toThrow(refused(ERRNO.EMSGSIZE));
    expect(socket.receiveError()).toMatchObject({ errno: ERRNO.EMSGSIZE, origin: "local", info: 1500 });
    socket.setOption("IP_MTU_DISCOVER", 2);
    expect(() => socket.sendTo(new Uint8Array(1473), at("10.0.0.2", 7))).toThrow(refused(ERRNO.EMSGSIZE));
    socket.sendTo(new Uint8Array(1472), at("10.0.0.2", 7));
  });

  test("long datagrams are fragmented and put together", () => {
    const wire = new Wire();
    const [a, b] = [wire.host(1), wire.host(2)];
    const server = b.open(UDP);
    server.bind(at("0.0.0.0", 7));
    const sent = Uint8Array.from({ length: 65507 }, (_, index) => index * 7);
    a.open(UDP).sendTo(sent, at("10.0.0.2", 7));
    wire.pass(0.1);
    expect(bytesEqual(server.receive()?.bytes ?? new Uint8Array(0), sent)).toBe(true);
  });
});

describe("the receive buffer", () => {
  test("what does not fit is dropped and counted", () => {
    const wire = new Wire();
    const [a, b] = [wire.host(1), wire.host(2)];
    const server = b.open(UDP);
    server.setOption("SO_RCVBUF", 2048);
    server.bind(at("0.0.0.0", 7));
    const client = a.open(UDP);
    for (let index = 0; index < 20; index++) client.sendTo(bytes("x"), at("10.0.0.2", 7));
    wire.pass(0.1);
    let received = 0;
    while (server.receive()) received++;
    expect(received).toBeGreaterThan(2);
    expect(received).toBeLessThan(10);
    expect(wire.kernel.procNet.get("udp")?.(b.netns)).toMatch(new RegExp(` ${20 - received} +\\n$`));
  });
});

test("/proc/net/udp shows addresses as little-endian words", () => {
  const wire = new Wire();
  const a = wire.host(1);
  const socket = a.open(UDP);
  socket.bind(at("10.0.0.1", 7));
  const [header = "", row = ""] = (wire.kernel.procNet.get("udp")?.(a.netns) ?? "").split("\n");
  expect(header).toHaveLength(127);
  expect(row).toHaveLength(127);
  expect(row).toMatch(
    /^ {4}7: 0100000A:0007 00000000:0000 07 00000000:00000000 00:00000000 00000000 {5}0 {8}0 \d+ 2 0{16} 0 +$/,
  );
});
