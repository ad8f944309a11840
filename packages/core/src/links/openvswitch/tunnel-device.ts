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
import { encodeGeneveData } from "../geneve/netlink.ts";
import { encodeGreData } from "../gre/netlink.ts";
import { encodeVxlanData } from "../vxlan/netlink.ts";

/** Larger than any packet that IP can carry with the tunnel's headers. */
const TUNNEL_MTU = 65000;

function dataOf(kind: TunnelKind, port: number): { readonly kind: string; readonly data: Uint8Array } {
  switch (kind) {
    case "vxlan":
      return {
        kind,
        data: encodeVxlanData({ learning: 0, collectMetadata: 1, udpZeroCsum6Rx: 1, port }),
      };
    case "geneve":
      return { kind, data: encodeGeneveData({ collectMetadata: true, udpZeroCsum6Rx: 1, port }) };
    case "gre":
      return { kind: "gretap", data: encodeGreData({ collectMetadata: true }) };
    default:
      throw new Refusal(ERRNO.EAFNOSUPPORT);
  }
}

/** Errors: Refusal of the kind; EAFNOSUPPORT if there is none. */
export function createTunnelDevice(netns: Netns, tunnel: TunnelKind, name: string, port: number): NetDevice {
  const { kind, data } = dataOf(tunnel, port);
  const { kernel } = netns;
  const made = kernel.linkKinds.get(kind);
  if (!made) throw new Refusal(ERRNO.EAFNOSUPPORT);
  const message: LinkMessage = {
    family: 0,
    type: 0,
    index: 0,
    flags: IFF.UP,
    change: IFF.UP,
    ifname: name,
    mtu: TUNNEL_MTU,
  };
  const device = made.create({
    kernel,
    sourceNetns: netns,
    netns,
    linkNetns: netns,
    name,
    nameAssignType: 3,
    message,
    data,
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
