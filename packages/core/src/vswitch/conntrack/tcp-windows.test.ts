// What the tracker tells of both ends of a TCP connection and which segments it takes, as Linux 6.1 does with the same segments
// (tests/conformance/real/guest/tracked_tcp.sh).

import { expect, test } from "vitest";
import { TcpFlag } from "../../wire/tcp.ts";
import type { TcpOption, TcpSegment } from "../../wire/tcp.ts";
import { hasValidFlags, TcpWindows } from "./tcp-windows.ts";

const { FIN, SYN, RST, PSH, ACK } = TcpFlag;

interface Given {
  readonly seq: number;
  readonly ack?: number;
  readonly window?: number;
  readonly options?: readonly TcpOption[];
  readonly bytes?: number;
}

function segment(flags: number, { seq, ack = 0, window = 1000, options = [], bytes = 0 }: Given): TcpSegment {
  const ports = { sourcePort: 1000, destinationPort: 80, urgentPointer: 0 };
  const payload = new Uint8Array(bytes);
  return { ...ports, sequence: seq, acknowledgement: ack, flags, window, options, payload };
}

const scale = (shift: number): TcpOption => ({ kind: "window-scale", shift });
const SACK: TcpOption = { kind: "sack-permitted" };

/** A connection after its handshake. */
function opened(first: readonly TcpOption[], second: readonly TcpOption[]): TcpWindows {
  const syn = segment(SYN, { seq: 100, options: first });
  const windows = new TcpWindows(syn);
  expect(windows.judge(syn, 0, "NONE")).toBe("fits");
  const answer = segment(SYN | ACK, { seq: 5000, ack: 101, options: second });
  expect(windows.judge(answer, 1, "SYN_SENT")).toBe("fits");
  expect(windows.judge(segment(ACK, { seq: 101, ack: 5001 }), 0, "SYN_RECV")).toBe("fits");
  return windows;
}

test("window scales count if both ends offer one", () => {
  const both = opened([SACK, scale(7)], [SACK, scale(15)]);
  expect([both.scaleOf(0), both.scaleOf(1)]).toEqual([7, 14]);
  expect(both.flagsOf(0)).toEqual(["WINDOW_SCALE", "SACK_PERM", "MAXACK_SET"]);
  const one = opened([scale(3)], []);
  expect([one.scaleOf(0), one.scaleOf(1)]).toEqual([0, 0]);
  expect([one.flagsOf(0), one.flagsOf(1)]).toEqual([["WINDOW_SCALE", "MAXACK_SET"], ["MAXACK_SET"]]);
});

test("a segment has to be within what the other end has offered, unless the tracker is liberal", () => {
  const windows = opened([], []);
  const far = segment(ACK | PSH, { seq: 101 + 2000, ack: 5001, bytes: 5 });
  expect(windows.judge(far, 0, "ESTABLISHED")).toBe("invalid");
  expect(windows.judge(segment(ACK, { seq: 101, ack: 905_001 }), 0, "ESTABLISHED")).toBe("invalid");
  expect(windows.judge(segment(ACK, { seq: 101, ack: 5001 - 70_000 }), 0, "ESTABLISHED")).toBe("ignore");
  windows.beLiberal();
  expect(windows.judge(far, 0, "ESTABLISHED")).toBe("fits");
});

test("data is unacknowledged until the other end says so", () => {
  const windows = opened([], []);
  windows.judge(segment(ACK | PSH, { seq: 101, ack: 5001, bytes: 10 }), 0, "ESTABLISHED");
  expect([windows.unacknowledged, windows.flagsOf(0)]).toEqual([true, ["DATA_UNACKNOWLEDGED", "MAXACK_SET"]]);
  windows.judge(segment(ACK, { seq: 5001, ack: 111, window: 0 }), 1, "ESTABLISHED");
  expect([windows.unacknowledged, windows.closed]).toEqual([false, true]);
});

test("a reset ends an open connection only where the other end has acknowledged all", () => {
  const windows = opened([], []);
  expect(windows.reset(segment(RST, { seq: 90_000 }), 0, true)).toBe("stays");
  windows.judge(segment(ACK, { seq: 5001, ack: 101 }), 1, "ESTABLISHED");
  expect(windows.reset(segment(RST, { seq: 101 }), 0, true)).toBe("ends");
  expect(windows.reset(segment(RST, { seq: 100 }), 0, true)).toBe("invalid");
});

test("a connection that was begun before is believed, and flags that mean nothing are none's", () => {
  const windows = new TcpWindows(segment(ACK, { seq: 4000, ack: 8000, bytes: 3 }));
  expect([0, 1].map((side) => windows.flagsOf(side as 0 | 1))).toEqual([
    ["SACK_PERM", "BE_LIBERAL"],
    ["SACK_PERM", "BE_LIBERAL"],
  ]);
  const valid = (flags: number): boolean => hasValidFlags(segment(flags, { seq: 1 }));
  expect([SYN, SYN | ACK, FIN | ACK, RST, ACK | PSH].every(valid)).toBe(true);
  expect([SYN | FIN, FIN, FIN | PSH, 0, SYN | RST].some(valid)).toBe(false);
});
