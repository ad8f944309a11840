// Tunnel identifiers of a port's VLANs (net/bridge/br_netlink_tunnel.c, br_vlan_tunnel.c): which VNI a VLAN has on a
// VXLAN port. They are kept and told; the embedded kernel has no collect_md tunnel that would use them.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { BridgeSpecification } from "../../netlink/rtnl/bridge-vlan.ts";
import { BRIDGE_VLAN_INFO } from "../../netlink/rtnl/bridge-vlan.ts";
import type { BridgePort } from "./port.ts";

const { RANGE_BEGIN, RANGE_END } = BRIDGE_VLAN_INFO;
const { EINVAL, EEXIST } = ERRNO;
const VID_LIMIT = 4096;

type Tunnel = NonNullable<BridgeSpecification["tunnels"]>[number];

/** br_process_vlan_tunnel_info() for each entry: true if something changed. Errors: EINVAL, EEXIST. */
export function setTunnel(
  port: BridgePort | undefined,
  tunnels: readonly Tunnel[],
  command: "add" | "delete",
): boolean {
  if (tunnels.length === 0) return false;
  if (!port || !port.vlanTunnel) throw new Refusal(EINVAL);
  let start: Tunnel | undefined;
  let changed = false;
  for (const tunnel of tunnels) {
    const { id, vid, flags = 0 } = tunnel;
    if (id === undefined || vid === undefined || vid >= VID_LIMIT) throw new Refusal(EINVAL);
    if (flags & RANGE_BEGIN) {
      if (start) throw new Refusal(EINVAL);
      start = tunnel;
    } else if (flags & RANGE_END) {
      const first = start?.vid;
      if (start?.id === undefined || first === undefined || vid - first !== id - start.id)
        throw new Refusal(EINVAL);
      for (let at = first; at <= vid; at++)
        if (setOne(port, at, start.id + at - first, command)) changed = true;
      start = undefined;
    } else {
      if (start) throw new Refusal(EINVAL);
      if (setOne(port, vid, id, command)) changed = true;
    }
  }
  return changed;
}

/** nbp_vlan_tunnel_info_add(), nbp_vlan_tunnel_info_delete() */
function setOne(port: BridgePort, vid: number, id: number, command: "add" | "delete"): boolean {
  const vlan = port.vlans.find(vid);
  if (command === "delete") {
    // What is not there is deleted without a word (br_vlan_tunnel_info).
    const had = vlan !== undefined && vlan.tunnelId !== 0;
    if (had) vlan.tunnelId = 0;
    return had;
  }
  if (!vlan) throw new Refusal(EINVAL);
  if (vlan.tunnelId !== 0) throw new Refusal(EEXIST);
  vlan.tunnelId = id;
  return true;
}
