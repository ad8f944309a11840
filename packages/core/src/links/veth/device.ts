// veth (drivers/net/veth.c): a pair of Ethernet devices, each the other's cable.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { LinkMessage } from "../../netlink/rtnl/link.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { AddressList } from "../../kernel/address-list.ts";
import { announceDevice, registerDevice, unregisterDevices } from "../../kernel/device-register.ts";
import { carrierOff, carrierOn } from "../../kernel/device-state.ts";
import { NetDevice } from "../../kernel/device.ts";
import type { EthtoolOperations } from "../../kernel/ethtool/operations.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { LinkKind, NewLink } from "../../kernel/link-kind.ts";
import {
  configureFlags,
  configureNew,
  requestedNetns,
  requireStationAddress,
} from "../../kernel/netlink/link-request.ts";
import type { Netns } from "../../kernel/netns.ts";
import type { Packet } from "../../kernel/packet.ts";
import { netifRx } from "../../kernel/receive.ts";
import { decodeVethData } from "./netlink.ts";
import { queuesInUse, vethEthtool } from "./ethtool.ts";

const TSO_MAX_SIZE = 524280; // GSO_MAX_SIZE: 8 * 65535
const MIN_MTU = 68;
const MAX_MTU = 65535;
/** A frame may exceed the MTU by its header and one VLAN tag (is_skb_forwardable). */
const FRAME_ALLOWANCE = 14 + 4;

export class VethDevice extends NetDevice {
  peer: VethDevice | undefined = undefined;

  constructor(kernel: Kernel, netns: Netns, name: string) {
    super(
      kernel,
      netns,
      name,
      vethKind,
      { multicast: new AddressList(), unicast: new AddressList() },
      {
        minMtu: MIN_MTU,
        maxMtu: MAX_MTU,
        queues: kernel.profile.cpus,
        tsoMaxSize: TSO_MAX_SIZE,
      },
    );
  }

  override open(): void {
    const { peer } = this;
    if (!peer) throw new Refusal(ERRNO.ENOTCONN);
    if (peer.up) {
      carrierOn(this);
      carrierOn(peer);
    }
  }

  override stop(): void {
    carrierOff(this);
    if (this.peer) carrierOff(this.peer);
  }

  transmit(packet: Packet): void {
    const { peer, statistics } = this;
    const { length } = packet;
    if (!peer || !peer.up || length > peer.mtu + FRAME_ALLOWANCE) {
      statistics.txDropped++;
      this.kernel.drop(packet, peer && peer.up ? "PKT_TOO_BIG" : "DEV_READY", this.name);
      return;
    }
    packet.priority = 0;
    packet.mark = 0;
    packet.arrivedOn = 0;
    packet.viaPort = undefined;
    packet.control = undefined;
    if (!netifRx(packet, peer)) {
      statistics.txDropped++;
      return;
    }
    statistics.txPackets++;
    statistics.txBytes += length;
    peer.statistics.rxPackets++;
    peer.statistics.rxBytes += length;
  }

  override get iflink(): number {
    return this.peer?.ifindex ?? 0;
  }

  override get linkNetns(): Netns | undefined {
    return this.peer?.netns;
  }

  override get ethtool(): EthtoolOperations {
    return vethEthtool;
  }
}

const EMPTY_LINK = { family: 0, type: 0, index: 0, flags: 0, change: 0 } as const;

/** veth_validate() */
function validate(message: LinkMessage): void {
  requireStationAddress(message);
  if (message.mtu !== undefined && (message.mtu < MIN_MTU || message.mtu > MAX_MTU))
    throw new Refusal(ERRNO.EINVAL);
}

/** A new end with the address that the request gives or a random one. */
function makeEnd(
  kernel: Kernel,
  netns: Netns,
  name: string,
  nameAssignType: number,
  message: LinkMessage,
): VethDevice {
  const device = new VethDevice(kernel, netns, name);
  device.nameAssignType = nameAssignType;
  configureNew(device, message);
  if (message.address === undefined) {
    device.address = kernel.random.mac();
    device.addressAssignType = 1;
  }
  return device;
}

/** veth_init_queues(): all of them are in use at both ends if the request says how many the first end has. */
function useQueues(end: VethDevice, { numTxQueues, numRxQueues }: LinkMessage): void {
  queuesInUse.set(end, {
    tx: numTxQueues === undefined ? 1 : end.txQueues,
    rx: numRxQueues === undefined ? 1 : end.rxQueues,
  });
}

/** veth_newlink(): the peer is made, registered and configured first. */
function create(request: NewLink): NetDevice {
  const { kernel, message, netns } = request;
  const data = request.data === undefined ? undefined : decodeVethData(request.data);
  if (isMalformed(data)) throw new Refusal(ERRNO.EINVAL);
  const given: LinkMessage | undefined = data?.peer && { ...EMPTY_LINK, ...data.peer };
  if (given) validate(given);
  const peerNamed = given?.ifname !== undefined && given.ifname !== "";
  const peerNetns = given ? (requestedNetns(request.sourceNetns, given) ?? request.sourceNetns) : netns;
  // Without VETH_INFO_PEER the peer takes what the request says of the device, but for its name and address.
  const peerMessage = given ?? { ...message, index: 0, address: undefined };
  const peer = makeEnd(
    kernel,
    peerNetns,
    peerNamed ? given.ifname : "veth%d",
    peerNamed ? 3 : 1,
    peerMessage,
  );
  registerDevice(peer, peerMessage.index);
  carrierOff(peer);
  try {
    if (given) configureFlags(peer, given);
    announceDevice(peer);
    const device = makeEnd(kernel, netns, request.name, request.nameAssignType, message);
    registerDevice(device, message.index);
    carrierOff(device);
    device.peer = peer;
    peer.peer = device;
    for (const end of [device, peer]) useQueues(end, message);
    return device;
  } catch (refusal) {
    unregisterDevices([peer]);
    throw refusal;
  }
}

export const vethKind: LinkKind = {
  kind: "veth",
  namePattern: "veth%d",
  validate,
  create,
  /** veth_dellink(): the two are no pair any more before either is unregistered. */
  remove(device) {
    const end = device as VethDevice;
    const { peer } = end;
    if (!peer) return [end];
    end.peer = undefined;
    peer.peer = undefined;
    return [end, peer];
  },
};
