// The device of a VRF (drivers/net/vrf.c): the loopback device of its routing domain. What goes to one of the domain's own
// addresses is sent on it and comes in on it. What leaves the host goes out by a port at once, and what comes in by a port is only
// counted and tapped here (kernel/l3mdev.ts).

import { AddressList } from "../../kernel/address-list.ts";
import { linkUpper, unlinkUpper } from "../../kernel/device-register.ts";
import { changeFlags } from "../../kernel/device-state.ts";
import { IFF, NetDevice, OPERSTATE } from "../../kernel/device.ts";
import type { EthtoolOperations } from "../../kernel/ethtool/operations.ts";
import { Route } from "../../kernel/ipv4/route.ts";
import { Route6 } from "../../kernel/ipv6/fib-route.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { isL3Master, l3MasterOf } from "../../kernel/l3mdev.ts";
import type { LinkKind } from "../../kernel/link-kind.ts";
import type { Netns } from "../../kernel/netns.ts";
import type { Packet } from "../../kernel/packet.ts";
import { PACKET_LOOPBACK } from "../../kernel/packet.ts";
import { readLinkHeader } from "../../kernel/receive.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { vrfEthtool } from "./ethtool.ts";

const MIN_MTU = 1280; // IPV6_MIN_MTU
const MAX_MTU = 65575; // IP6_MAX_MTU

export class VrfDevice extends NetDevice {
  readonly table: number;

  constructor(kernel: Kernel, netns: Netns, name: string, kind: LinkKind, table: number) {
    super(
      kernel,
      netns,
      name,
      kind,
      { multicast: new AddressList(), unicast: new AddressList() },
      { flags: IFF.MASTER | IFF.NOARP, mtu: MAX_MTU, minMtu: MIN_MTU, maxMtu: MAX_MTU },
    );
    this.table = table;
    this.operstate = OPERSTATE.UP;
  }

  /** vrf_xmit(): only what stays in the domain is sent on its master; the route that it was sent by is kept. */
  transmit(packet: Packet): void {
    const { statistics, kernel } = this;
    const { route, length } = packet;
    const stays = (route instanceof Route || route instanceof Route6) && route.device === this;
    if (!stays || !readLinkHeader(packet, this)) {
      statistics.txErrors++;
      kernel.drop(packet, "DEV_HDR", this.name);
      return;
    }
    statistics.txPackets++;
    statistics.txBytes += length;
    packet.packetType = PACKET_LOOPBACK;
    if (kernel.softirq.enqueue(packet)) {
      statistics.rxPackets++;
      statistics.rxBytes += length;
      return;
    }
    statistics.rxDropped++;
    kernel.drop(packet, "CPU_BACKLOG", this.name);
  }

  /** vrf_add_slave(). Errors: EINVAL, EOPNOTSUPP with the kernel's text. */
  override addPort(port: NetDevice): void {
    if (isL3Master(port)) throw new Refusal(ERRNO.EINVAL, "Can not enslave an L3 master device to a VRF");
    if (l3MasterOf(port) !== undefined) throw new Refusal(ERRNO.EINVAL);
    if (port === this.netns.loopback)
      throw new Refusal(ERRNO.EOPNOTSUPP, "Can not enslave loopback device to a VRF");
    if (port.master !== undefined) throw new Refusal(ERRNO.EBUSY);
    linkUpper(port, this, true);
    restart(port);
  }

  /** vrf_del_slave() */
  override removePort(port: NetDevice): void {
    unlinkUpper(port, this);
    restart(port);
  }

  override get netnsLocal(): boolean {
    return true;
  }

  override get ethtool(): EthtoolOperations {
    return vrfEthtool;
  }
}

/** cycle_netdev(): down and up again, so that its routes go to the table of the domain that it is in now. */
function restart(device: NetDevice): void {
  const flags = device.visibleFlags;
  if (!device.up || device.unregistering) return;
  changeFlags(device, flags & ~IFF.UP);
  changeFlags(device, flags);
}
