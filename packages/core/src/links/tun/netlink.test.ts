// Bytes of IFLA_INFO_DATA that Linux 6.18 gave for `ip tuntap add dev tap1 mode tap user 1000 multi_queue`.

import { expect, test } from "vitest";
import { decodeTunData, encodeTunData, TUN_TYPE } from "./netlink.ts";

const RECORDED = Uint8Array.from(
  (
    "0500030002000000" +
    "08000100e8030000" +
    "0500040000000000" +
    "0500050000000000" +
    "0500060001000000" +
    "0500070001000000" +
    "0800080000000000" +
    "0800090000000000"
  ).match(/../g) ?? [],
  (hex) => Number.parseInt(hex, 16),
);

test("there and back", () => {
  const data = {
    type: TUN_TYPE.TAP,
    owner: 1000,
    packetInformation: 0,
    vnetHeader: 0,
    persist: 1,
    multiQueue: 1,
    queues: 0,
    disabledQueues: 0,
  };
  expect(decodeTunData(RECORDED)).toMatchObject(data);
  expect(encodeTunData(data)).toEqual(RECORDED);
});
