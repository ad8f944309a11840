/** IFLA_INFO_DATA of an ipvlan (linux/if_link.h; `ipvlan_nl_fillinfo`). */

import { u16 } from "../../netlink/attribute-codecs.ts";
import { AttributeTable, field, type Fields } from "../../netlink/attribute-table.ts";

/** enum ipvlan_mode. */
export const IPVLAN_MODE = { L2: 0, L3: 1, L3S: 2 } as const;

/** IPVLAN_F_*: what devices on the same lower one are to each other; neither is "bridge". */
export const IPVLAN_FLAG = { PRIVATE: 1, VEPA: 2 } as const;

export const ipvlanData = new AttributeTable({
  mode: field(1, u16),
  flags: field(2, u16),
});

export type IpvlanData = Fields<typeof ipvlanData>;
