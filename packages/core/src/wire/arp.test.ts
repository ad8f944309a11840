import { describe, expect, it } from "vitest";
import * as arp from "./arp.ts";
import { capturedFrame } from "./testing/captured.ts";
import { decode, encode, fuzzCodec, hex, tryDecode } from "./testing/codec.ts";

const codec = { decode: arp.decodeArp, length: arp.arpLength, write: arp.writeArp };
const reply = capturedFrame("arpReply").subarray(14);

describe("ARP", () => {
  it("decodes and encodes a reply that Linux sent", () => {
    const packet = decode(codec, reply);
    expect(packet).toEqual({
      kind: "ipv4",
      hardwareType: arp.ARP_HARDWARE_ETHERNET,
      operation: arp.ArpOperation.REPLY,
      senderMac: 0x0200_0000_000b,
      senderIp: 0x0a00_0002,
      targetMac: 0x0200_0000_000a,
      targetIp: 0x0a00_0001,
    });
    expect(encode(codec, packet)).toEqual(reply);
  });

  it("reads the fields in place", () => {
    expect(arp.isArpForIpv4(reply, 0, reply.length)).toBe(true);
    expect(arp.arpHardwareType(reply, 0)).toBe(1);
    expect(arp.arpProtocolType(reply, 0)).toBe(0x0800);
    expect(arp.arpOperation(reply, 0)).toBe(2);
    expect(arp.arpSenderMac(reply, 0)).toBe(0x0200_0000_000b);
    expect(arp.arpSenderIp(reply, 0)).toBe(0x0a00_0002);
    expect(arp.arpTargetMac(reply, 0)).toBe(0x0200_0000_000a);
    expect(arp.arpTargetIp(reply, 0)).toBe(0x0a00_0001);
  });

  it("keeps addresses of other types as bytes", () => {
    const bytes = hex("0007 0800 02 04 0001 1122 0a000001 0000 0a000002");
    const packet = decode(codec, bytes);
    expect(packet).toMatchObject({ kind: "other", hardwareType: 7, senderHardware: hex("1122") });
    expect(encode(codec, packet)).toEqual(bytes);
  });

  it("ignores padding", () => {
    const padded = new Uint8Array(46);
    padded.set(reply);
    expect(decode(codec, padded)).toEqual(decode(codec, reply));
  });

  it("refuses truncated packets", () => {
    expect(tryDecode(codec, reply.subarray(0, 7))).toMatchObject({ reason: "truncated" });
    expect(tryDecode(codec, reply.subarray(0, 27))).toMatchObject({ reason: "truncated" });
  });

  it("survives any bytes", () => fuzzCodec(codec, [reply]));
});
