// The life of a connection between two hosts (RFC 9293, figures 5 and 12 to 13), as Linux 6.1 sends it.

import { describe, expect, test } from "vitest";
import { ERRNO } from "../../netlink/errno.ts";
import { tcpCounters } from "./counters.ts";
import { connectionTable } from "./connection-table.ts";
import { Pair, readAll } from "./testing/pair.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const refused = (errno: number): unknown => expect.objectContaining({ errno });

describe("opening", () => {
  test("the options of SYN and SYN-ACK, their order and windows", () => {
    const pair = new Pair();
    pair.listen(80);
    pair.connect(80);
    pair.wire.pass(0.01);
    const [syn, synAck, ack] = pair.seen;
    const kinds = (segment: typeof syn) => segment?.options.map(({ kind }) => kind);
    const inSyn = ["maximum-segment-size", "sack-permitted", "timestamps", "no-operation", "window-scale"];
    expect(kinds(syn)).toEqual(inSyn);
    expect(kinds(synAck)).toEqual(inSyn);
    expect(kinds(ack)).toEqual(["no-operation", "no-operation", "timestamps"]);
    expect([syn?.window, synAck?.window, ack?.window]).toEqual([64_240, 65_160, 502]);
    expect(synAck?.acknowledgement).toBe(((syn?.sequence ?? 0) + 1) >>> 0);
    expect(synAck?.options).toContainEqual({ kind: "window-scale", shift: 7 });
  });

  test("a port that nobody listens on", () => {
    const pair = new Pair();
    const client = pair.connect(81);
    pair.wire.pass(0.01);
    expect(pair.take()).toEqual(["1 SYN", "2 RST ACK"]);
    expect(client.output.ready).toBe(true);
    expect(() => client.output.write(bytes("x"))).toThrow(refused(ERRNO.ECONNREFUSED));
    expect(tcpCounters(pair.client.netns)).toMatchObject({ activeOpens: 1, attemptFails: 1 });
  });

  test("SYNs are sent again after 1, 2, 4, ... 32 seconds and given up after 64 more", () => {
    const pair = new Pair();
    pair.loses = () => true;
    const client = pair.connect(80);
    pair.wire.pass(140);
    const [first, ...rest] = pair.seen.map(({ at }) => at / 1e9);
    expect(rest.map((time) => Math.round(time - (first ?? 0)))).toEqual([1, 3, 7, 15, 31, 63]);
    expect(() => client.input.read()).toThrow(refused(ERRNO.ETIMEDOUT));
  });

  test("tcp_syn_retries is how often", () => {
    const pair = new Pair();
    pair.set(pair.client, "tcp_syn_retries", "2");
    pair.loses = () => true;
    pair.connect(80);
    pair.wire.pass(140);
    expect(pair.take()).toEqual(["1 SYN", "1 SYN", "1 SYN"]);
  });

  test("a SYN-ACK that is lost is sent again, whichever side notices", () => {
    const pair = new Pair();
    const listener = pair.listen(80);
    let left = 1;
    pair.loses = ({ flags }) => flags === 0x12 && left-- > 0;
    pair.connect(80);
    pair.wire.pass(0.5);
    expect(listener.ready).toBe(false);
    pair.wire.pass(2);
    expect(listener.ready).toBe(true);
  });

  test("no more wait than the backlog lets, and one", () => {
    const pair = new Pair();
    const listener = pair.listen(80, { backlog: 1 });
    for (let n = 0; n < 4; n++) pair.connect(80);
    pair.wire.pass(0.1);
    let accepted = 0;
    while (listener.accept() !== undefined) accepted++;
    expect(accepted).toBe(2);
    expect(tcpCounters(pair.server.netns).extended("ListenOverflows")).toBeGreaterThanOrEqual(2);
  });

  test("two listeners cannot have one port, nor an address that is not here", () => {
    const pair = new Pair();
    pair.listen(80);
    expect(() => pair.listen(80)).toThrow(refused(ERRNO.EADDRINUSE));
  });
});

describe("closing", () => {
  test("the side that closes first keeps TIME-WAIT for a minute; FIN is acknowledged by FIN", () => {
    const pair = new Pair();
    const [client, server] = pair.open();
    client.close();
    pair.wire.pass(0.001);
    expect(server.input.read()).toBeNull();
    server.close();
    pair.wire.pass(0.001);
    expect(pair.take()).toEqual(["1 FIN ACK", "2 FIN ACK", "1 ACK"]);
    const table = connectionTable(pair.client.netns);
    expect([...table.all()].map(({ state }) => state)).toEqual(["TIME-WAIT"]);
    expect([...connectionTable(pair.server.netns).all()]).toEqual([]);
    pair.wire.pass(61);
    expect([...table.all()]).toEqual([]);
  });

  test("a FIN behind data is acknowledged after 40 ms; the other half goes on", () => {
    const pair = new Pair();
    const [client, server] = pair.open();
    client.output.write(bytes("a"));
    pair.wire.pass(0.01);
    expect(pair.take()).toEqual(["1 PSH ACK 1", "2 ACK"]);
    client.endOutput();
    pair.wire.pass(0.03);
    expect(pair.take()).toEqual(["1 FIN ACK"]);
    pair.wire.pass(0.02);
    expect(pair.take()).toEqual(["2 ACK"]);
    server.output.write(bytes("still here"));
    pair.wire.pass(0.1);
    expect(readAll(client)).toBe("still here");
    expect(() => client.output.write(bytes("x"))).toThrow(refused(ERRNO.EPIPE));
  });

  test("bytes that nobody has read make it a reset", () => {
    const pair = new Pair();
    const [client, server] = pair.open();
    client.output.write(bytes("lost"));
    pair.wire.pass(0.001);
    server.close();
    pair.wire.pass(0.001);
    expect(pair.take().at(-1)).toBe("2 RST ACK");
    expect(() => client.input.read()).toThrow(refused(ERRNO.ECONNRESET));
    expect(tcpCounters(pair.server.netns).extended("TCPAbortOnClose")).toBe(1);
  });

  test("data for a program that has closed is answered with a reset", () => {
    const pair = new Pair();
    const [client, server] = pair.open();
    server.close();
    pair.wire.pass(0.1);
    client.output.write(bytes("late"));
    pair.wire.pass(0.1);
    expect(pair.take().at(-1)).toMatch(/^2 RST/);
  });

  test("both at once: CLOSING, and TIME-WAIT on both sides (figure 13)", () => {
    const pair = new Pair();
    const [client, server] = pair.open();
    // Neither hears of the other before it has closed itself.
    pair.loses = ({ flags }) => (flags & 1) !== 0;
    client.close();
    server.close();
    pair.loses = () => false;
    pair.wire.pass(2);
    for (const { netns } of [pair.client, pair.server])
      expect([...connectionTable(netns).all()].map(({ state }) => state)).toEqual(["TIME-WAIT"]);
  });

  test("FIN-WAIT-2 without a program lasts a minute", () => {
    const pair = new Pair();
    const [client] = pair.open();
    client.close();
    pair.wire.pass(50);
    const states = () => [...connectionTable(pair.client.netns).all()].map(({ state }) => state);
    expect(states()).toEqual(["FIN-WAIT-2"]);
    pair.wire.pass(15);
    expect(states()).toEqual([]);
  });
});

describe("the peer is gone", () => {
  test("keepalive asks after the idle time, then at intervals, and ends the connection", () => {
    const pair = new Pair();
    const [client] = pair.open({ keepAlive: { idle: 10, interval: 5, count: 3 } }, {});
    pair.loses = ({ from }) => from === 1;
    const opened = pair.wire.kernel.clock.now;
    pair.wire.pass(60);
    const times = pair.seen.filter(({ from }) => from === 1).map(({ at }) => Math.round((at - opened) / 1e9));
    expect(times).toEqual([10, 15, 20, 25]);
    expect(pair.take().filter((text) => text.startsWith("1 "))).toEqual([
      "1 ACK",
      "1 ACK",
      "1 ACK",
      "1 RST ACK",
    ]);
    expect(() => client.input.read()).toThrow(refused(ERRNO.ETIMEDOUT));
  });

  test("data is sent again for fifteen and a half minutes", () => {
    const pair = new Pair();
    const [client] = pair.open();
    pair.loses = () => true;
    client.output.write(bytes("hello?"));
    pair.wire.pass(900);
    expect(client.input.ready).toBe(false);
    pair.wire.pass(200);
    expect(() => client.input.read()).toThrow(refused(ERRNO.ETIMEDOUT));
  });
});
