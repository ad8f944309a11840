// What a kind of link offers to the kernel (struct rtnl_link_ops). Kinds live in links/KIND; the kernel gets the list.

import type { LinkMessage } from "../netlink/rtnl/link.ts";
import type { ExtendedStatistics } from "../netlink/rtnl/statistics.ts";
import type { NetDevice } from "./device.ts";
import type { Kernel } from "./kernel.ts";
import type { Netns } from "./netns.ts";

/** A request for a new device, decoded as far as it does not depend on the kind. */
export interface NewLink {
  readonly kernel: Kernel;
  /** Namespace of the request (IFLA_LINK is looked up here, or in `linkNetns`). */
  readonly sourceNetns: Netns;
  /** Where the device is to be. */
  readonly netns: Netns;
  /** Namespace of IFLA_LINK_NETNSID, or `sourceNetns`. */
  readonly linkNetns: Netns;
  /** Name as given, or a pattern such as "veth%d". */
  readonly name: string;
  readonly nameAssignType: number;
  readonly message: LinkMessage;
  /** IFLA_INFO_DATA; undefined if absent. */
  readonly data: Uint8Array | undefined;
}

export interface LinkKind {
  readonly kind: string;
  /** Pattern for names that nobody gave: "dummy%d". The kernel's ops->kind + "%d". */
  readonly namePattern?: string;
  /** What request_module() asks for when there is a device of it; "rtnl-link-KIND" if absent. */
  readonly moduleAlias?: string;
  /** Its devices tell udev that they are of this kind (SET_NETDEV_DEVTYPE). */
  readonly tellsType?: boolean;
  /** Its devices are switches: what comes in by a port may go out by another (netif_is_any_bridge_port). */
  readonly isSwitch?: boolean;
  /** Checks a request's attributes, before it is known whether the device exists (ops->validate). Errors: Refusal. */
  validate?(message: LinkMessage, data: Uint8Array | undefined): void;
  /** Makes and registers the device (and its peer). Errors: Refusal; nothing is left behind then. */
  create(request: NewLink): NetDevice;
  /** IFLA_INFO_DATA of a request to an existing device. Absent: EOPNOTSUPP. */
  change?(device: NetDevice, data: Uint8Array): void;
  /** Users cannot delete its devices: there is no ops->dellink. */
  readonly keepsDevices?: boolean;
  /** Devices that go when this one does, itself included (dellink queues them on a list). */
  remove(device: NetDevice): NetDevice[];
  /** IFLA_INFO_DATA of a reply; undefined: the attribute is absent. */
  fill?(device: NetDevice): Uint8Array | undefined;
  /** IFLA_INFO_XSTATS. */
  fillStatistics?(device: NetDevice): Uint8Array | undefined;
  /** For masters: IFLA_INFO_SLAVE_DATA of a port, in and out. */
  changePort?(master: NetDevice, port: NetDevice, data: Uint8Array): void;
  fillPort?(master: NetDevice, port: NetDevice): Uint8Array | undefined;
  /** IFLA_STATS_LINK_XSTATS of a device of this kind, and IFLA_STATS_LINK_XSTATS_SLAVE of a port of one. */
  extendedStatistics?(device: NetDevice): ExtendedStatistics | undefined;
  portExtendedStatistics?(port: NetDevice): ExtendedStatistics | undefined;
  /** Runs once, when the kernel starts: what the kind's module registers. */
  install?(kernel: Kernel): void;
}
