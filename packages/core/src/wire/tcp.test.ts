import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pseudoHeaderSumV4 } from "./checksum.ts";
import { isMalformed } from "./malformed.ts";
import * as tcp from "./tcp.ts";
import { capturedFrame } from "./testing/captured.ts";
import { hex } from "./testing/codec.ts";

const syn = capturedFrame("tcpSyn").subarray(34);

describe("TCP", () => {
  it("decodes a SYN that Linux sent", () => {
    expect(tcp.decodeTcp(syn, 0, syn.length)).toEqual({
      sourcePort: 33568,
      destinationPort: 80,
      sequence: 438783401,
      acknowledgement: 0,
      flags: tcp.TcpFlag.SYN,
      window: 64240,
      urgentPointer: 0,
      options: [
        { kind: "maximum-segment-size", size: 1460 },
        { kind: "sack-permitted" },
        { kind: "timestamps", value: 3405413578, echo: 0 },
        { kind: "no-operation" },
        { kind: "window-scale", shift: 10 },
      ],
      payload: hex(""),
    });
    const reset = capturedFrame("tcpReset").subarray(34);
    expect(tcp.decodeTcp(reset, 0, reset.length)).toMatchObject({
      flags: tcp.TcpFlag.RST | tcp.TcpFlag.ACK,
      acknowledgement: 438783402,
      options: [],
    });
  });

  it("reads the fields in place", () => {
    expect([tcp.tcpSourcePort(syn, 0), tcp.tcpDestinationPort(syn, 0)]).toEqual([33568, 80]);
    expect([tcp.tcpSequence(syn, 0), tcp.tcpAcknowledgement(syn, 0)]).toEqual([438783401, 0]);
    expect([tcp.tcpHeaderLength(syn, 0), tcp.tcpFlags(syn, 0), tcp.tcpWindow(syn, 0)]).toEqual([
      40, 2, 64240,
    ]);
  });

  it("checks the checksum, which transmit offload leaves partial", () => {
    // Linux put only the pseudo header's part into the field; the true checksum makes the sum come out even.
    const sum = pseudoHeaderSumV4(0x0a00_0001, 0x0a00_0002, 6, syn.length);
    expect(tcp.tcpChecksumOk(syn, 0, syn.length, sum)).toBe(false);
    const fixed = syn.slice();
    fixed.set([0, 0], 16);
    let total = sum;
    for (let i = 0; i < fixed.length; i += 2) total += ((fixed[i] ?? 0) << 8) | (fixed[i + 1] ?? 0);
    while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
    fixed.set([(~total >>> 8) & 0xff, ~total & 0xff], 16);
    expect(tcp.tcpChecksumOk(fixed, 0, fixed.length, sum)).toBe(true);
  });

  it("decodes selective acknowledgements and unknown options", () => {
    const bytes = new Uint8Array(36);
    bytes.set(syn.subarray(0, 20));
    bytes[12] = 0x90;
    bytes.set(hex("050a 00000001 00000002 fe04 aabb 00 ff"), 20);
    expect(tcp.decodeTcp(bytes, 0, 36)).toMatchObject({
      options: [
        { kind: "sack", blocks: [{ left: 1, right: 2 }] },
        { kind: "other", type: 254, body: hex("aabb") },
      ],
    });
  });

  it("refuses headers and options that leave the segment", () => {
    expect(tcp.decodeTcp(syn, 0, 19)).toMatchObject({ reason: "truncated" });
    expect(tcp.decodeTcp(syn, 0, 39)).toMatchObject({ reason: "truncated" });
    const short = syn.slice();
    short[12] = 0x40;
    expect(tcp.decodeTcp(short, 0, 40)).toMatchObject({ reason: "bad-header-length" });
    const option = syn.slice();
    option[21] = 1;
    expect(tcp.decodeTcp(option, 0, 40)).toMatchObject({ reason: "bad-option", offset: 21 });
  });

  it("survives any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        if (bytes.length > 12) bytes[12] = (bytes[12] ?? 0) | 0x50;
        const result = tcp.decodeTcp(bytes, 0, bytes.length);
        expect(isMalformed(result) || result.payload.length <= bytes.length - 20).toBe(true);
      }),
    );
  });
});
