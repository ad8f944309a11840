/** IFLA_INFO_DATA of a macvlan (linux/if_link.h; `macvlan_fill_info`). */

import { bytesOf, listOf, u16, u32 } from "../../netlink/attribute-codecs.ts";
import { AttributeTable, field, type Fields } from "../../netlink/attribute-table.ts";
import type { Decoded } from "../../wire/malformed.ts";

/** enum macvlan_mode: single bits, so that a set of modes is a mask. */
export const MACVLAN_MODE = { PRIVATE: 1, VEPA: 2, BRIDGE: 4, PASSTHRU: 8, SOURCE: 16 } as const;

/** MACVLAN_FLAG_*: passthru leaves the lower device's promiscuity alone; source takes frames away from the others. */
export const MACVLAN_FLAG = { NOPROMISC: 1, NODST: 2 } as const;

/** enum macvlan_macaddr_mode: what a request does with the list of sources. */
export const MACADDR_MODE = { ADD: 0, DEL: 1, FLUSH: 2, SET: 3 } as const;

const MACADDR = 4;
const macAddress = bytesOf(6);

export const macvlanData = new AttributeTable({
  mode: field(1, u32),
  flags: field(2, u16),
  /** MACADDR_MODE.*, in requests. */
  macaddrMode: field(3, u32),
  macaddr: field(MACADDR, macAddress),
  macaddrCount: field(6, u32),
  macaddrs: field(5, listOf(MACADDR, macAddress)),
  /** Frames to many that may wait, as asked for. */
  bcQueueLength: field(7, u32),
  /** The largest of all macvlans on the lower device. */
  bcQueueLengthUsed: field(8, u32),
});

export type MacvlanData = Fields<typeof macvlanData>;

export function encodeMacvlanData(data: MacvlanData): Uint8Array {
  return macvlanData.encode(data);
}

export function decodeMacvlanData(payload: Uint8Array): Decoded<MacvlanData> {
  return macvlanData.decode(payload);
}
