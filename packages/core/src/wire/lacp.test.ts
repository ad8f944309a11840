import { describe, expect, test } from "vitest";
import { bytesFromHex, bytesToHex } from "./hex.ts";
import { decodeLacp, LACPDU_LENGTH, LacpState, writeLacp } from "./lacp.ts";
import { Malformed } from "./malformed.ts";

/** Sent by ovs-vswitchd 3.1.0 for a member of an active, fast bond without a partner. */
const RECORDED = bytesFromHex(
  `01010114fffeaa55aa5500000001ffff0001bf00000002140000000000000000000000000000020000000310${"00".repeat(66)}`,
) as Uint8Array;
const MESSAGE = {
  kind: "lacp",
  actor: {
    systemPriority: 65534,
    systemId: 0xaa55_aa55_0000,
    key: 1,
    portPriority: 65535,
    portId: 1,
    state: 0xff & ~LacpState.DEFAULTED,
  },
  partner: {
    systemPriority: 0,
    systemId: 0,
    key: 0,
    portPriority: 0,
    portId: 0,
    state: LacpState.TIMEOUT,
  },
} as const;

describe("a LACPDU", () => {
  test("is read as it was sent", () => {
    expect(RECORDED.length).toBe(LACPDU_LENGTH);
    expect(decodeLacp(RECORDED, 0, RECORDED.length)).toEqual(MESSAGE);
  });

  test("is written whole", () => {
    const bytes = new Uint8Array(LACPDU_LENGTH + 1).fill(0xa5);
    expect(writeLacp(MESSAGE, bytes, 0)).toBe(LACPDU_LENGTH);
    expect(bytesToHex(bytes)).toBe(`${bytesToHex(RECORDED)}a5`);
  });

  test("that is cut off, or is something else, is malformed", () => {
    for (let end = 0; end < LACPDU_LENGTH; end++) {
      expect(decodeLacp(RECORDED, 0, end)).toBeInstanceOf(Malformed);
    }
    for (const at of [0, 2, 3, 22, 23]) {
      const bytes = RECORDED.slice();
      bytes[at] = 0xee;
      expect(decodeLacp(bytes, 0, bytes.length)).toBeInstanceOf(Malformed);
    }
    const marker = RECORDED.slice();
    marker[0] = 2;
    expect(decodeLacp(marker, 0, marker.length)).toEqual({ kind: "marker" });
  });
});
