// Devices of tunnels that are ports of a kernel's datapath, made and taken away by rtnetlink (Open vSwitch's lib/dpif-netlink-rtnl.c).

import { fitsTunnelDevice, TUNNEL_DEVICE_MTU, tunnelDeviceData } from "../../links/openvswitch/netlink.ts";
import type { TunnelDeviceSettings } from "../../links/openvswitch/netlink.ts";
import type { NetlinkClient } from "../../netlink/client.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { NLM_F } from "../../netlink/message.ts";
import { encodeLink } from "../../netlink/rtnl/link.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { deviceNamed } from "./port-device.ts";

const IFF_UP = 1;

function create(client: NetlinkClient, name: string, settings: TunnelDeviceSettings): number {
  const linkinfo = tunnelDeviceData(settings);
  if (!linkinfo) return ERRNO.EOPNOTSUPP;
  const up = { flags: IFF_UP, change: IFF_UP };
  const body = encodeLink({ family: AF.UNSPEC, ...up, ifname: name, mtu: TUNNEL_DEVICE_MTU, linkinfo });
  const result = client.request(RTM.NEWLINK, NLM_F.CREATE | NLM_F.EXCL, body);
  return result.ok ? 0 : result.errno;
}

function verify(client: NetlinkClient, name: string, settings: TunnelDeviceSettings): number {
  const link = deviceNamed(client, name);
  if (!link) return ERRNO.ENODEV;
  const { kind, data } = link.linkinfo ?? {};
  return fitsTunnelDevice(settings, kind, data) ? 0 : ERRNO.EINVAL;
}

export function destroyTunnelDevice(client: NetlinkClient, name: string): number {
  const result = client.request(RTM.DELLINK, 0, encodeLink({ family: AF.UNSPEC, ifname: name }));
  return result.ok ? 0 : result.errno;
}

/**
 * A device of that name and those settings: one that is there, or a new one in the place of one that does not fit. An error number,
 * EOPNOTSUPP for a type that is no link of the kernel's.
 * @param log hears of one that is in the way
 */
export function createTunnelDevice(
  client: NetlinkClient,
  name: string,
  settings: TunnelDeviceSettings,
  log: (problem: number) => void,
): number {
  let errno = create(client, name, settings);
  if (errno === ERRNO.EEXIST) {
    if (verify(client, name, settings) === 0) return 0;
    errno = destroyTunnelDevice(client, name);
    if (errno !== 0) {
      log(errno);
      return errno;
    }
    errno = create(client, name, settings);
  }
  if (errno !== 0) return errno;
  errno = verify(client, name, settings);
  if (errno !== 0) destroyTunnelDevice(client, name);
  return errno;
}
