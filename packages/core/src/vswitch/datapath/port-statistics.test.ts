import { expect, test } from "vitest";
import type { NetDevice } from "../../kernel/device.ts";
import { portStatistics } from "./port-statistics.ts";

const statistics = {
  rxPackets: 1,
  txPackets: 2,
  rxBytes: 3,
  txBytes: 4,
  rxErrors: 5,
  txErrors: 6,
  rxDropped: 7,
  txDropped: 8,
  multicast: 9,
  collisions: 0,
  rxOverErrors: 0,
  rxCrcErrors: 0,
  rxFrameErrors: 0,
  rxMissedErrors: 0,
  txAbortedErrors: 0,
  txCarrierErrors: 0,
};
const device = { statistics } as unknown as NetDevice;

test("an internal port of the kernel's datapath counts as its device does", () => {
  expect(portStatistics("kernel", "internal", device)).toEqual({ ...statistics, multicast: 0 });
});

test("an internal port of the daemon's datapath is a TAP device: what the host sends is received", () => {
  expect(portStatistics("userspace", "internal", device)).toEqual({
    ...statistics,
    rxPackets: 2,
    txPackets: 1,
    rxBytes: 4,
    txBytes: 3,
    rxErrors: 6,
    txErrors: 5,
    rxDropped: 8,
    txDropped: 7,
  });
});

test("any other device speaks for itself", () => {
  expect(portStatistics("userspace", "system", device)).toBe(statistics);
});
