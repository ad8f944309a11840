// 802.1Q and 802.1ad devices (net/8021q/vlan_dev.c): one VLAN of the device below. What is sent gets a tag; tagged frames
// that come in below are handed up here (lower.ts).

import { AddressList } from "../../kernel/address-list.ts";
import { unsyncAddresses } from "../../kernel/address-sync.ts";
import {
  addAllmulti,
  addPromiscuity,
  addUnicast,
  carrierOff,
  carrierOn,
  removeUnicast,
} from "../../kernel/device-state.ts";
import type { NetDevice as Device } from "../../kernel/device.ts";
import { IFF } from "../../kernel/device.ts";
import { StackedDevice } from "../../kernel/stacked-device.ts";
import type { EthtoolOperations } from "../../kernel/ethtool/operations.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { note, traceDevice } from "../../kernel/journey.ts";
import type { LinkKind } from "../../kernel/link-kind.ts";
import type { Netns } from "../../kernel/netns.ts";
import type { Packet } from "../../kernel/packet.ts";
import { transmit } from "../../kernel/transmit.ts";
import { insertTag } from "../../kernel/vlan-insert.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { isValidStationMac } from "../../wire/mac.ts";
import { vlanEthtool } from "./ethtool.ts";
import { VLAN_FLAG } from "./netlink.ts";

const STOLEN = 2; // NET_ADDR_STOLEN
const MAX_MTU = 65535;
const PRIORITY_SHIFT = 13;
/** Flags that the new device has of the one below (vlan_dev_init). */
const INHERITED = ~(IFF.UP | IFF.PROMISC | IFF.ALLMULTI | IFF.MASTER | IFF.SLAVE);

export class VlanDevice extends StackedDevice {
  /** The device that carries the VLAN. */
  readonly lower: Device;
  /** TPID. */
  readonly protocol: number;
  readonly vid: number;
  /** VLAN_FLAG.* */
  vlanFlags: number = VLAN_FLAG.REORDER_HDR;
  /** Packet priority by the tag's priority. */
  readonly ingress: number[] = [0, 0, 0, 0, 0, 0, 0, 0];
  /** The tag's priority by packet priority. */
  readonly egress = new Map<number, number>();
  /** The lower device's address when it was last looked at. */
  #lowerAddress = 0;

  constructor(
    kernel: Kernel,
    netns: Netns,
    name: string,
    kind: LinkKind,
    lower: Device,
    protocol: number,
    vid: number,
  ) {
    const lists = { multicast: new AddressList(), unicast: new AddressList() };
    super(kernel, netns, name, kind, lists, {
      flags: lower.flags & INHERITED,
      minMtu: 0,
      maxMtu: MAX_MTU,
      mtu: lower.mtu,
      broadcast: lower.broadcast,
      tsoMaxSize: lower.tsoMaxSize,
    });
    this.lower = lower;
    this.protocol = protocol;
    this.vid = vid;
    this.carrier = lower.carrier;
    this.dormant = lower.dormant;
  }

  /** vlan_dev_init(): without an address of its own it has the lower device's. */
  inheritIdentity(): void {
    if (this.address !== 0) return;
    this.address = this.lower.address;
    this.addressAssignType = STOLEN;
  }

  get bindsLoosely(): boolean {
    return (this.vlanFlags & VLAN_FLAG.LOOSE_BINDING) !== 0;
  }

  get bindsToBridge(): boolean {
    return (this.vlanFlags & VLAN_FLAG.BRIDGE_BINDING) !== 0;
  }

  transmit(packet: Packet): void {
    const { statistics } = this;
    packet.vlanTpid = this.protocol;
    packet.vlanTci = this.vid | ((this.egress.get(packet.priority) ?? 0) << PRIORITY_SHIFT);
    if (packet.traced) {
      const { vlanTci: tci, vlanTpid: tpid } = packet;
      note(packet, { kind: "vlan-push", device: traceDevice(this), tpid, tci });
    }
    if ((this.vlanFlags & VLAN_FLAG.REORDER_HDR) === 0) {
      insertTag(packet);
      packet.start = packet.mac;
    }
    statistics.txPackets++;
    statistics.txBytes += packet.length;
    packet.device = this.lower;
    transmit(packet);
  }

  override open(): void {
    const { lower } = this;
    if (!lower.up && !this.bindsLoosely) throw new Refusal(ERRNO.ENETDOWN);
    if (this.address !== lower.address && !this.#inheritAddress()) addUnicast(lower, this.address);
    if (this.flags & IFF.ALLMULTI) addAllmulti(lower, 1);
    if (this.flags & IFF.PROMISC) addPromiscuity(lower, 1);
    this.#lowerAddress = lower.address;
    if (lower.carrier && !this.bindsToBridge) carrierOn(this);
  }

  override stop(): void {
    const { lower } = this;
    unsyncAddresses(this, lower);
    if (this.flags & IFF.ALLMULTI) addAllmulti(lower, -1);
    if (this.flags & IFF.PROMISC) addPromiscuity(lower, -1);
    if (this.address !== lower.address) removeUnicast(lower, this.address);
    if (!this.bindsToBridge) carrierOff(this);
  }

  /** vlan_dev_inherit_address() */
  #inheritAddress(): boolean {
    if (this.addressAssignType !== STOLEN) return false;
    this.address = this.lower.address;
    this.kernel.tell(this, { type: "changeAddress" });
    return true;
  }

  /** vlan_sync_address(): the lower device may have a new address. */
  lowerAddressChanged(): void {
    const { lower } = this;
    const old = this.#lowerAddress;
    if (old === lower.address) return;
    if (!this.#inheritAddress()) {
      if (this.address !== old && this.address === lower.address) removeUnicast(lower, this.address);
      if (this.address === old && this.address !== lower.address) addUnicast(lower, this.address);
    }
    this.#lowerAddress = lower.address;
  }

  override changeAddress(address: number): void {
    if (!isValidStationMac(address)) throw new Refusal(ERRNO.EADDRNOTAVAIL);
    if (this.up) {
      if (address !== this.lower.address) addUnicast(this.lower, address);
      if (this.address !== this.lower.address) removeUnicast(this.lower, this.address);
    }
    this.address = address;
  }

  override changeMtu(mtu: number): void {
    if (mtu > this.lower.mtu) throw new Refusal(ERRNO.ERANGE);
    this.mtu = mtu;
  }

  override rxFlagsChanged(changed: number): void {
    if (!this.up) return;
    if (changed & IFF.ALLMULTI) addAllmulti(this.lower, this.flags & IFF.ALLMULTI ? 1 : -1);
    if (changed & IFF.PROMISC) addPromiscuity(this.lower, this.flags & IFF.PROMISC ? 1 : -1);
  }

  /** A tag inside a tag has to be in the bytes. */
  override get vlanOffload(): boolean {
    return false;
  }

  override get ethtool(): EthtoolOperations {
    return vlanEthtool;
  }
}
