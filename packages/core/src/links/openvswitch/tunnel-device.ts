// Devices of tunnels under a datapath: vxlan_sys_4789 and the like (Open vSwitch's lib/dpif-netlink-rtnl.c). They are made as a
// request over rtnetlink would make them, because the switch daemon does just that.

import { announceDevice } from "../../kernel/device-register.ts";
import type { NetDevice } from "../../kernel/device.ts";
import { IFF } from "../../kernel/device.ts";
import type { TunnelKind } from "../../kernel/device-vport.ts";
import { configureFlags } from "../../kernel/netlink/link-request.ts";
import type { Netns } from "../../kernel/netns.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { LinkMessage } from "../../netlink/rtnl/link.ts";
import { TUNNEL_DEVICE_MTU, tunnelDeviceData } from "./netlink.ts";

/** Errors: Refusal of the kind; EAFNOSUPPORT if there is none. */
export function createTunnelDevice(netns: Netns, tunnel: TunnelKind, name: string, port: number): NetDevice {
  const asked = tunnelDeviceData({ type: tunnel, port });
  const { kernel } = netns;
  const made = asked && kernel.linkKinds.get(asked.kind);
  if (!made) throw new Refusal(ERRNO.EAFNOSUPPORT);
  const message: LinkMessage = {
    family: 0,
    type: 0,
    index: 0,
    flags: IFF.UP,
    change: IFF.UP,
    ifname: name,
    mtu: TUNNEL_DEVICE_MTU,
  };
  const device = made.create({
    kernel,
    sourceNetns: netns,
    netns,
    linkNetns: netns,
    name,
    nameAssignType: 3,
    message,
    data: asked.data,
  });
  try {
    configureFlags(device, message);
  } catch (refusal) {
    made.remove(device);
    throw refusal;
  }
  announceDevice(device);
  return device;
}
