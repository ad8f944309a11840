import { describe, expect, it } from "vitest";
import * as reasons from "./drop-reason.ts";

describe("drop reasons", () => {
  it("have a description each, and tell whose name it is", () => {
    expect(reasons.describeDropReason("IP_CSUM")).toMatch(/checksum/);
    expect(reasons.isKernelDropReason("NO_TX_TARGET")).toBe(true);
    expect(reasons.isKernelDropReason("OVS_DROP_METER")).toBe(true);
    expect(reasons.isKernelDropReason("NO_PEER")).toBe(false);
    expect([reasons.isDropReason("NO_PEER"), reasons.isDropReason("toString")]).toEqual([true, false]);
  });

  it("never have one name twice", () => {
    const names = [
      ...Object.keys(reasons.KERNEL_DROP_REASONS),
      ...Object.keys(reasons.OPENVSWITCH_DROP_REASONS),
      ...Object.keys(reasons.OWN_DROP_REASONS),
    ];
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[A-Z][A-Z0-9_]*$/);
  });
});
