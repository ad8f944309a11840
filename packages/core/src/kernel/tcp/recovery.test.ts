// Losses on the wire, and what repairs them (RFC 6298, 8985, 2018, 6582).

import { describe, expect, test } from "vitest";
import { TcpFlag } from "../../wire/tcp.ts";
import { tcpCounters } from "./counters.ts";
import { Pair, readAll } from "./testing/pair.ts";
import type { SeenSegment } from "./testing/pair.ts";

const MSS = 1448;

function numbered(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, at) => 65 + (at % 26));
}

/** Loses the data segments of host 1 with these numbers, from 1 on, when they are sent for the first time. */
function losing(pair: Pair, ...numbers: readonly number[]): void {
  let sent = 0;
  let highest: number | undefined;
  pair.loses = ({ from, payload, sequence }: SeenSegment) => {
    if (from !== 1 || payload.length === 0) return false;
    if (highest !== undefined && ((sequence - highest) | 0) <= 0) return false;
    highest = sequence;
    return numbers.includes(++sent);
  };
}

function transfer(pair: Pair, segments: number, seconds = 5): string {
  const [client, server] = pair.open();
  const data = numbered(segments * MSS);
  client.output.write(data);
  let got = "";
  for (let step = 0; step < seconds * 100; step++) {
    pair.wire.pass(0.01);
    got += readAll(server);
  }
  return got === new TextDecoder().decode(data) ? "whole" : `${got.length} of ${data.length}`;
}

describe("a lost segment", () => {
  test("in the middle is sent again as soon as SACKs tell of it", () => {
    const pair = new Pair();
    losing(pair, 3);
    expect(transfer(pair, 10)).toBe("whole");
    const counters = tcpCounters(pair.client.netns);
    expect(counters.extended("TCPFastRetrans")).toBe(1);
    expect(counters.extended("TCPSackRecovery")).toBe(1);
    expect(counters.extended("TCPTimeouts")).toBe(0);
    const blocks = pair.seen.flatMap(({ from, options }) =>
      from === 2 ? options.filter(({ kind }) => kind === "sack") : [],
    );
    expect(blocks.length).toBeGreaterThan(0);
  });

  test("at the end is found by a loss probe, before the timeout", () => {
    const pair = new Pair();
    losing(pair, 10);
    expect(transfer(pair, 10)).toBe("whole");
    const counters = tcpCounters(pair.client.netns);
    expect(counters.extended("TCPLossProbes")).toBe(1);
    expect(counters.extended("TCPTimeouts")).toBe(0);
  });

  test("without SACK three duplicates tell of it", () => {
    const pair = new Pair();
    pair.set(pair.client, "tcp_sack", "0");
    losing(pair, 3);
    expect(transfer(pair, 10)).toBe("whole");
    const counters = tcpCounters(pair.client.netns);
    expect(counters.extended("TCPRenoRecovery")).toBe(1);
    expect(counters.extended("TCPFastRetrans")).toBe(1);
    expect(counters.extended("TCPTimeouts")).toBe(0);
  });

  test("brings the window of 12 segments down to seven tenths (CUBIC) or a half (Reno)", () => {
    for (const [control, expected] of [
      ["cubic", 8],
      ["reno", 6],
    ] as const) {
      const pair = new Pair();
      pair.set(pair.client, "tcp_congestion_control", control);
      const [client] = pair.open();
      losing(pair, 3);
      client.output.write(numbered(10 * MSS));
      pair.wire.pass(1);
      const tcb = (client as unknown as { tcb: { congestionWindow: number } }).tcb;
      expect(tcb.congestionWindow).toBe(expected);
    }
  });
});

test("when all is lost, the timeout doubles", () => {
  const pair = new Pair();
  const [client] = pair.open();
  pair.loses = () => true;
  client.output.write(numbered(10));
  pair.wire.pass(10);
  const [first = 0, ...rest] = pair.seen.map(({ at }) => at / 1e6);
  const gaps = rest.map((time, at) => Math.round(time - (at === 0 ? first : (rest[at - 1] ?? 0))));
  // A loss probe at about 200 ms, then timeouts; ticks are 4 ms.
  expect(gaps[0]).toBeGreaterThanOrEqual(200);
  expect(gaps[0]).toBeLessThanOrEqual(212);
  const ratios = gaps.slice(2).map((gap, at) => Math.round(gap / (gaps[at + 1] ?? 1)));
  expect(ratios.length).toBeGreaterThan(2);
  expect(new Set(ratios)).toEqual(new Set([2]));
});

test("any loss is repaired: a tenth of all segments, both ways", () => {
  const pair = new Pair();
  const random = pair.wire.kernel.random;
  const [client, server] = pair.open();
  pair.loses = () => random.below(10) === 0;
  const data = numbered(300 * MSS);
  client.output.write(data);
  client.endOutput();
  let got = "";
  for (let step = 0; step < 6000 && got.length < data.length; step++) {
    pair.wire.pass(0.01);
    got += readAll(server);
  }
  expect(got === new TextDecoder().decode(data)).toBe(true);
});

test("a window that is closed is asked after, and opens when the program reads", () => {
  const pair = new Pair();
  const [client, server] = pair.open();
  client.output.write(numbered(200 * MSS));
  pair.wire.pass(3);
  const probes = tcpCounters(pair.client.netns).extended("TCPWinProbe");
  expect(probes).toBeGreaterThan(1);
  expect(
    pair.seen.some(({ from, window, flags }) => from === 2 && window === 0 && flags === TcpFlag.ACK),
  ).toBe(true);
  let length = 0;
  for (let step = 0; step < 300; step++) {
    length += readAll(server).length;
    pair.wire.pass(0.01);
  }
  expect(length).toBe(200 * MSS);
});

test("small writes wait while one is on the way (Nagle), unless the program says no", () => {
  for (const noDelay of [false, true]) {
    const pair = new Pair();
    const [client] = pair.open({ noDelay });
    // The acknowledgements are late.
    pair.loses = ({ from }) => from === 2;
    for (let n = 0; n < 5; n++) client.output.write(numbered(10));
    const sent = pair.take().filter((text) => text.startsWith("1 "));
    expect(sent).toEqual(noDelay ? Array<string>(5).fill("1 PSH ACK 10") : ["1 PSH ACK 10"]);
  }
});
