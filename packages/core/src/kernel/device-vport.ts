// What the Open vSwitch of this system needs of the kernel: devices as ports of a datapath. The kernel's side is in
// links/openvswitch/; the switch's side, which knows nothing of the kernel but this and the device, is in vswitch/.

import type { Ipv4Address } from "../wire/ipv4-address.ts";
import type { Ipv6Address } from "../wire/ipv6-address.ts";
import type { MacAddress } from "../wire/mac.ts";
import type { ClassCounters, Policing, Queueing } from "./device-queueing.ts";
import type { NetDevice } from "./device.ts";
import type { Packet } from "./packet.ts";
import type { Netns } from "./netns.ts";
import type { TunnelMetadata } from "./tunnel/metadata.ts";

/** What happens to devices that a datapath looks after, told in the order in which it happens. */
export type VportEvent =
  /** It can be found by its name from now on. */
  | "appeared"
  /** It is going: unregistered, or moved to another namespace, where the datapath keeps internal ports only. */
  | "gone"
  /** Name, address, MTU, carrier or flags have changed. */
  | "changed";

/** Kinds of tunnel that ports of a datapath may be. */
export type TunnelKind =
  "vxlan" | "geneve" | "gre" | "ip6gre" | "erspan" | "ip6erspan" | "gtpu" | "lisp" | "stt" | "bareudp";

/** Takes a frame from a port: the packet starts at its link-layer header, with an outer tag beside it. */
export type VportReceiver = (packet: Packet) => void;

/** A kernel with devices that may be ports of datapaths (net/openvswitch/vport*.c). */
export interface VportHost {
  /** Where datapaths look for devices by name: the namespace that the switch daemon runs in. */
  readonly netns: Netns;
  deviceNamed(name: string): NetDevice | undefined;
  /**
   * Makes an internal port's device (OVS_VPORT_TYPE_INTERNAL). `local` marks the port that is the datapath itself.
   * Errors: Refusal EEXIST, EINVAL.
   */
  createInternal(name: string, local: boolean, receive: VportReceiver, address?: MacAddress): NetDevice;
  destroyInternal(device: NetDevice): void;
  /** Makes a device that no namespace knows, up; what is transmitted on it is handed to `sent`. */
  createDetached(name: string, sent: VportReceiver): NetDevice;
  /**
   * Puts a device under the datapath whose local port is `local` (netdev_create). Errors: Refusal EINVAL for loopback and
   * what is no Ethernet, EBUSY for a port of another master.
   */
  attach(device: NetDevice, local: NetDevice, receive: VportReceiver): void;
  /** Nothing if it is not there any more. */
  detach(device: NetDevice, local: NetDevice): void;
  /**
   * Makes the device of a kind of tunnel whose packets carry their ends along (`external`), up and with the largest MTU
   * (lib/dpif-netlink-rtnl.c). `port`: of UDP, 0 for GRE. Errors: Refusal, EAFNOSUPPORT for a kind that is not there.
   */
  createTunnel(kind: TunnelKind, name: string, port: number): NetDevice;
  destroyTunnel(device: NetDevice): void;
  /** Device by which a packet to an address would leave; undefined if there is no route. */
  egressTo(destination: Ipv4Address | Ipv6Address): NetDevice | undefined;
  /** Sends a frame out of a port. The packet starts at its link-layer header and is given away. */
  send(device: NetDevice, packet: Packet): void;
  changeAddress(device: NetDevice, address: MacAddress): void;
  changeMtu(device: NetDevice, mtu: number): void;
  /** Gives a device a queueing discipline, or other settings of the one that it has; undefined takes it away. */
  setQueueing(device: NetDevice, queueing: Queueing | undefined): void;
  /** By queue, in the kernel's order. */
  classCounters(device: NetDevice): ReadonlyMap<number, ClassCounters>;
  /** What comes in and exceeds it is dropped; undefined: nothing is. */
  setPolicing(device: NetDevice, policing: Policing | undefined): void;
  /** Sets IFF_UP or takes it away. */
  setUp(device: NetDevice, up: boolean): void;
  onEvent(listener: (device: NetDevice, event: VportEvent) => void): void;
  /** A frame that the switch itself makes. `length` bytes from its link-layer header on. */
  allocate(device: NetDevice, length: number): Packet;
  /** Moves a tag that is inside the frame beside it, and back. The packet starts at its link-layer header. */
  untag(packet: Packet): void;
  insertTag(packet: Packet): void;
}

export type { Packet, TunnelMetadata };
