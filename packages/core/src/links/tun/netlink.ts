// IFLA_INFO_DATA of a TUN or TAP device (linux/if_link.h, IFLA_TUN_*; drivers/net/tun.c, tun_fill_info). Only replies have it.

import { u32, u8 } from "../../netlink/attribute-codecs.ts";
import { AttributeTable, field } from "../../netlink/attribute-table.ts";
import type { Fields } from "../../netlink/attribute-table.ts";
import type { Decoded } from "../../wire/malformed.ts";

export const TUN_TYPE = { TUN: 1, TAP: 2 } as const;

const tunData = new AttributeTable({
  /** TUN_TYPE.* */
  type: field(3, u8),
  owner: field(1, u32),
  group: field(2, u32),
  packetInformation: field(4, u8),
  vnetHeader: field(5, u8),
  persist: field(6, u8),
  multiQueue: field(7, u8),
  queues: field(8, u32),
  disabledQueues: field(9, u32),
});

export type TunData = Fields<typeof tunData>;

export function encodeTunData(data: TunData): Uint8Array {
  return tunData.encode(data);
}

export function decodeTunData(payload: Uint8Array): Decoded<TunData> {
  return tunData.decode(payload);
}
