// A neighbour discovery message in the packet that brought it.

import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import type { MacAddress } from "../../wire/mac.ts";
import type { NdOption } from "../../wire/ndisc-options.ts";
import type { Packet } from "../packet.ts";
import type { Inet6Device } from "./interface.ts";

/** What a handler needs of the packet. */
export interface NdPacket {
  readonly owner: Inet6Device;
  readonly packet: Packet;
  readonly source: Ipv6Address;
  readonly destination: Ipv6Address;
}

/** The address in a link-address option; undefined if there is none. */
export function linkAddress(
  options: readonly NdOption[],
  kind: "source-link-address" | "target-link-address",
): MacAddress | undefined {
  for (const option of options) if (option.kind === kind) return option.mac;
  return undefined;
}
