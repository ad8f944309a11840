// CFM and BFD as ovs-vswitchd 3.1.0 sends them.

import { describe, expect, test } from "vitest";
import { BFD_LENGTH, BfdState, decodeBfd, writeBfd } from "./bfd.ts";
import { CCM_LENGTH, decodeCcm, writeCcm } from "./cfm.ts";
import type { Ccm } from "./cfm.ts";
import { bytesFromHex, bytesToHex } from "./hex.ts";
import { Malformed } from "./malformed.ts";

describe("a continuity check message", () => {
  const recorded = bytesFromHex(
    `00010446000000010007${"04036f767302036f7673"}${"00".repeat(55)}`,
  ) as Uint8Array;

  test("is read and written as it was sent", () => {
    expect(recorded.length).toBe(CCM_LENGTH);
    const ccm = decodeCcm(recorded, 0, recorded.length) as Ccm;
    expect(ccm).toMatchObject({
      rdi: false,
      interval: 4,
      sequence: 1,
      mpid: 7,
      intervalMs: 0,
      longMpid: 0n,
      operationallyDown: false,
    });
    const bytes = new Uint8Array(CCM_LENGTH + 1).fill(0xa5);
    expect(writeCcm(ccm, bytes, 0)).toBe(CCM_LENGTH);
    expect(bytesToHex(bytes)).toBe(`${bytesToHex(recorded)}a5`);
  });

  test("keeps what the extended mode adds", () => {
    const ccm = {
      ...(decodeCcm(recorded, 0, recorded.length) as Ccm),
      rdi: true,
      interval: 0,
      intervalMs: 300,
      longMpid: 0x1234_5678_9abc_def0n,
      operationallyDown: true,
    };
    const bytes = new Uint8Array(CCM_LENGTH).fill(0xa5);
    writeCcm(ccm, bytes, 0);
    expect(decodeCcm(bytes, 0, bytes.length)).toEqual(ccm);
  });

  test("that is cut off is malformed; the end TLV may be missing", () => {
    for (let end = 0; end < CCM_LENGTH - 1; end++) {
      expect(decodeCcm(recorded, 0, end)).toBeInstanceOf(Malformed);
    }
    expect(decodeCcm(recorded, 0, CCM_LENGTH - 1)).not.toBeInstanceOf(Malformed);
  });
});

describe("a BFD control packet", () => {
  const recorded = bytesFromHex("20400318e5f11ab900000000000f4240000f424000000000") as Uint8Array;

  test("is read and written as it was sent", () => {
    const packet = decodeBfd(recorded, 0, recorded.length);
    if (packet instanceof Malformed) throw new Error("malformed");
    expect(packet).toEqual({
      version: 1,
      diagnostic: 0,
      state: BfdState.DOWN,
      flags: 0,
      multiplier: 3,
      length: 24,
      myDiscriminator: 0xe5f1_1ab9,
      yourDiscriminator: 0,
      minTx: 1_000_000,
      minRx: 1_000_000,
      minRxEcho: 0,
    });
    const bytes = new Uint8Array(BFD_LENGTH + 1).fill(0xa5);
    expect(writeBfd(packet, bytes, 0)).toBe(BFD_LENGTH);
    expect(bytesToHex(bytes)).toBe(`${bytesToHex(recorded)}a5`);
  });

  test("that is cut off is malformed", () => {
    for (let end = 0; end < BFD_LENGTH; end++) expect(decodeBfd(recorded, 0, end)).toBeInstanceOf(Malformed);
  });
});
