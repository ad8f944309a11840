import { describe, expect, it } from "vitest";
import { ethDestination } from "./ethernet.ts";
import { isMalformed } from "./malformed.ts";
import * as vxlan from "./vxlan.ts";
import { capturedFrame } from "./testing/captured.ts";
import { hex } from "./testing/codec.ts";

describe("VXLAN", () => {
  // Ethernet, IPv4 and UDP headers come first.
  const bytes = capturedFrame("vxlanArp").subarray(42);

  it("decodes a packet that Linux sent", () => {
    const packet = vxlan.decodeVxlan(bytes, 0, bytes.length);
    expect(packet).toMatchObject({ vni: 42 });
    expect(!isMalformed(packet) && ethDestination(packet.frame, 0)).toBe(0xffff_ffff_ffff);
    expect(capturedFrame("vxlanArp").length - vxlan.VXLAN_OVERHEAD_V4).toBe(42);
  });

  it("writes the same header", () => {
    const buf = new Uint8Array(10).fill(0xa5);
    expect(vxlan.writeVxlanHeader(buf, 1, 42)).toBe(9);
    expect(buf.subarray(1, 9)).toEqual(bytes.subarray(0, 8));
    expect([buf[0], buf[9]]).toEqual([0xa5, 0xa5]);
  });

  it("refuses short headers and a missing I flag", () => {
    expect(vxlan.decodeVxlan(bytes, 0, 7)).toMatchObject({ reason: "truncated" });
    expect(vxlan.decodeVxlan(hex("0000000000002a00"), 0, 8)).toMatchObject({ reason: "bad-value" });
  });
});
