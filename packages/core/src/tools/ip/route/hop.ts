// What routes and next-hop objects print alike: the gateway, and the flags of a next hop.

import { RTM_F, RTNH_F } from "../../../netlink/rtnl/route-constants.ts";
import { AF } from "../../../netlink/rtnl/types.ts";
import type { Color, Output } from "../output.ts";
import type { Session } from "../session.ts";

export function familyColor(family: number): Color | undefined {
  if (family === AF.INET) return "inet";
  return family === AF.INET6 ? "inet6" : undefined;
}

const FLAGS: readonly (readonly [number, string])[] = [
  [RTNH_F.DEAD, "dead"],
  [RTNH_F.ONLINK, "onlink"],
  [RTNH_F.PERVASIVE, "pervasive"],
  [RTNH_F.OFFLOAD, "offload"],
  [RTNH_F.TRAP, "trap"],
  [RTM_F.NOTIFY, "notify"],
  [RTNH_F.LINKDOWN, "linkdown"],
  [RTNH_F.UNRESOLVED, "unresolved"],
  [RTM_F.OFFLOAD, "rt_offload"],
  [RTM_F.TRAP, "rt_trap"],
  [RTM_F.OFFLOAD_FAILED, "rt_offload_failed"],
];

export function printFlags(out: Output, flags: number): void {
  out.openArray("flags");
  for (const [flag, name] of FLAGS) if ((flags & flag) !== 0) out.element(name, `${name} `);
  out.closeArray();
}

export function printGateway(session: Session, family: number, bytes: Uint8Array): void {
  const { out } = session;
  const gateway = session.host(family, bytes);
  out.text("via ");
  out.fact("gateway", gateway, `${gateway} `, familyColor(family));
}
