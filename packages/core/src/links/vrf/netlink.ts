/** IFLA_INFO_DATA and IFLA_INFO_SLAVE_DATA of a VRF and its ports: the routing table (linux/if_link.h; `vrf_fillinfo`). */

import { u32 } from "../../netlink/attribute-codecs.ts";
import { AttributeTable, field } from "../../netlink/attribute-table.ts";

const vrfData = new AttributeTable({ table: field(1, u32) });

export const encodeVrfData = (table: number): Uint8Array => vrfData.encode({ table });
export const decodeVrfData = vrfData.decode.bind(vrfData);
