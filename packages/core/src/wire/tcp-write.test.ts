import { expect, test } from "vitest";
import { bytesToHex } from "./hex.ts";
import { pseudoHeaderSumV4 } from "./checksum.ts";
import { decodeTcp, tcpChecksumOk, TcpFlag } from "./tcp.ts";
import { tcpOptionsLength, writeTcpSegment } from "./tcp-write.ts";
import type { TcpSendOptions } from "./tcp-write.ts";

const ENDS = { sourcePort: 51_100, destinationPort: 5000 };
const sum = (length: number): number => pseudoHeaderSumV4(0x0a00_0001, 0x0a00_0002, 6, length);

test("a SYN of Linux: mss 1460, sackOK, TS val 2579740299 ecr 0, nop, wscale 10", () => {
  const options: TcpSendOptions = {
    maximumSegment: 1460,
    sackPermitted: true,
    timestamp: { value: 2_579_740_299, echo: 0 },
    windowScale: 10,
  };
  const header = { ...ENDS, sequence: 65_844_931, acknowledgement: 77, flags: TcpFlag.SYN, window: 64_240 };
  const segment = writeTcpSegment(header, options, new Uint8Array(0), sum);
  // The acknowledgement number of a segment without ACK is zero.
  expect(bytesToHex(segment)).toMatch(
    /^c79c138803ecb6c300000000a002faf0[0-9a-f]{4}0000020405b40402080a99c3b68b000000000103030a$/,
  );
  expect(tcpChecksumOk(segment, 0, segment.length, sum(segment.length))).toBe(true);
});

test.each<[string, TcpSendOptions, string]>([
  ["timestamps alone are padded in front", { timestamp: { value: 1, echo: 2 } }, "0101080a0000000100000002"],
  ["SACK-permitted alone too", { sackPermitted: true }, "01010402"],
  ["the window scale", { windowScale: 7 }, "01030307"],
  ["a block", { sack: [{ left: 1, right: 0x1_0002 }] }, "0101050a0000000100010002"],
  ["nothing", {}, ""],
])("%s", (_, options, hex) => {
  const header = { ...ENDS, sequence: 1, acknowledgement: 2, flags: TcpFlag.ACK, window: 3 };
  const data = Uint8Array.of(0xa5, 0x5a, 0xa5);
  const segment = writeTcpSegment(header, options, data, sum);
  expect(bytesToHex(segment.subarray(20, segment.length - 3))).toBe(hex);
  expect(tcpOptionsLength(options)).toBe(hex.length / 2);
  expect(decodeTcp(segment, 0, segment.length)).toMatchObject({ ...header, payload: data });
  expect(tcpChecksumOk(segment, 0, segment.length, sum(segment.length))).toBe(true);
});
