// Devices of internal ports (net/openvswitch/vport-internal_dev.c): what the host sends on one enters the datapath, what the
// datapath sends to the port is received by the host. The first of a datapath stands for the datapath itself (ovs-system).

import { AddressList } from "../../kernel/address-list.ts";
import { NetDevice } from "../../kernel/device.ts";
import type { VportReceiver } from "../../kernel/device-vport.ts";
import type { EthtoolOperations } from "../../kernel/ethtool/operations.ts";
import { FEATURES, featureSet } from "../../kernel/ethtool/features.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { LinkKind } from "../../kernel/link-kind.ts";
import type { Netns } from "../../kernel/netns.ts";
import type { Packet } from "../../kernel/packet.ts";
import { netifRx } from "../../kernel/receive.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";

const OFFLOADS =
  FEATURES.scatterGather |
  FEATURES.gsoSoftware |
  FEATURES.gsoEncapsulated |
  featureSet("tx-checksum-ip-generic", "highdma");

/** do_setup(): tags are inserted without help, and the device locks nothing for sending. */
const TAGGING = featureSet("tx-vlan-hw-insert", "tx-vlan-stag-hw-insert");
const UNCHANGEABLE = featureSet("tx-lockless");

/** internal_dev_getinfo(); ethtool_op_get_link */
const internalEthtool: EthtoolOperations = {
  driver: { name: "openvswitch", version: "", firmwareVersion: "", busInformation: "" },
  features: {
    active: OFFLOADS | TAGGING | UNCHANGEABLE,
    changeable: OFFLOADS | TAGGING,
    forVlans: OFFLOADS | UNCHANGEABLE,
  },
  link: true,
};

/** rtnl_link_ops without dellink: users cannot make or delete such a device. */
export const openvswitchKind: LinkKind = {
  kind: "openvswitch",
  isSwitch: true,
  create() {
    throw new Refusal(ERRNO.EOPNOTSUPP);
  },
  remove: (device) => [device],
  keepsDevices: true,
};

export class InternalDevice extends NetDevice {
  readonly #local: boolean;
  readonly #receive: VportReceiver;

  constructor(kernel: Kernel, netns: Netns, name: string, local: boolean, receive: VportReceiver) {
    const lists = { multicast: new AddressList(), unicast: new AddressList() };
    super(kernel, netns, name, openvswitchKind, lists, {});
    this.#local = local;
    this.#receive = receive;
  }

  /** internal_dev_xmit(): the host's frame enters the datapath by this port. */
  transmit(packet: Packet): void {
    this.statistics.txPackets++;
    this.statistics.txBytes += packet.length;
    packet.device = this;
    this.#receive(packet);
  }

  /** internal_dev_recv(): a frame from the datapath for the host. */
  deliver(packet: Packet): void {
    const { statistics } = this;
    if (!this.up) {
      statistics.rxDropped++;
      this.kernel.drop(packet, "DEV_READY", this.name);
      return;
    }
    statistics.rxPackets++;
    statistics.rxBytes += packet.length;
    packet.route = undefined;
    packet.control = undefined;
    packet.arrivedOn = 0;
    netifRx(packet, this);
  }

  override get ethtool(): EthtoolOperations {
    return internalEthtool;
  }

  /** NETIF_F_NETNS_LOCAL is set for the datapath's own port only. */
  override get netnsLocal(): boolean {
    return this.#local;
  }
}
