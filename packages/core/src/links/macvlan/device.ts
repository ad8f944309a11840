// macvlan devices (drivers/net/macvlan.c): one of several stations that share the device below, each with an address of
// its own. What comes in below is handed up in input.ts.

import { AddressList } from "../../kernel/address-list.ts";
import { unsyncAddresses } from "../../kernel/address-sync.ts";
import {
  addAllmulti,
  addPromiscuity,
  addUnicast,
  changeAddress,
  removeUnicast,
} from "../../kernel/device-state.ts";
import type { NetDevice as Device } from "../../kernel/device.ts";
import { IFF } from "../../kernel/device.ts";
import { forwardFrame } from "../../kernel/forward-frame.ts";
import { StackedDevice } from "../../kernel/stacked-device.ts";
import type { EthtoolOperations } from "../../kernel/ethtool/operations.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { LinkKind } from "../../kernel/link-kind.ts";
import type { Netns } from "../../kernel/netns.ts";
import type { Packet } from "../../kernel/packet.ts";
import { transmit } from "../../kernel/transmit.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { ethDestination } from "../../wire/ethernet.ts";
import { isMulticastMac, isValidStationMac } from "../../wire/mac.ts";
import { macvlanEthtool } from "./ethtool.ts";
import { broadcast } from "./input.ts";
import { MACVLAN_FLAG, MACVLAN_MODE } from "./netlink.ts";
import type { MacvlanPort } from "./port.ts";

const MIN_MTU = 68;
const DEFAULT_QUEUE_LENGTH = 1000; // MACVLAN_DEFAULT_BC_QUEUE_LEN, frames

export class MacvlanDevice extends StackedDevice {
  readonly port: MacvlanPort;
  /** MACVLAN_MODE.* */
  mode: number = MACVLAN_MODE.VEPA;
  /** MACVLAN_FLAG.* */
  modeFlags = 0;
  /** Frames to many that may wait, as asked for. */
  queueLength = DEFAULT_QUEUE_LENGTH;

  constructor(kernel: Kernel, netns: Netns, name: string, kind: LinkKind, port: MacvlanPort) {
    const { lower } = port;
    const lists = { multicast: new AddressList(), unicast: new AddressList() };
    super(kernel, netns, name, kind, lists, {
      minMtu: MIN_MTU,
      maxMtu: lower.maxMtu,
      mtu: lower.mtu,
      tsoMaxSize: lower.tsoMaxSize,
    });
    this.port = port;
    this.carrier = lower.carrier;
    this.dormant = lower.dormant;
  }

  get lower(): Device {
    return this.port.lower;
  }

  /** macvlan_init() */
  override afterRegister(): void {
    this.port.count++;
  }

  /** macvlan_uninit() */
  override beforeUnregister(): void {
    this.port.flushSources(this);
    this.port.count--;
    if (this.port.count === 0) this.port.destroy();
  }

  /** macvlan_start_xmit() */
  transmit(packet: Packet): void {
    const { statistics, lower, port } = this;
    const { length } = packet;
    if (this.mode === MACVLAN_MODE.BRIDGE) {
      const to = ethDestination(packet.bytes, packet.start);
      if (isMulticastMac(to)) broadcast(packet, port, this, MACVLAN_MODE.BRIDGE, true);
      else if (port.find(to)?.mode === MACVLAN_MODE.BRIDGE) {
        // by way of the lower device, for its taps
        statistics.txPackets++;
        statistics.txBytes += length;
        forwardFrame(packet, lower);
        return;
      }
    }
    if (lower.up) {
      statistics.txPackets++;
      statistics.txBytes += length;
    } else statistics.txDropped++;
    packet.device = lower;
    transmit(packet);
  }

  override open(): void {
    const { lower, port } = this;
    if (port.passthru) {
      if ((this.modeFlags & MACVLAN_FLAG.NOPROMISC) === 0) addPromiscuity(lower, 1);
    } else {
      if (port.isBusy(this.address)) throw new Refusal(ERRNO.EADDRINUSE);
      addUnicast(lower, this.address);
      if (this.flags & IFF.ALLMULTI) addAllmulti(lower, 1);
      if (this.flags & IFF.PROMISC) addPromiscuity(lower, 1);
    }
    port.listen(this);
  }

  override stop(): void {
    const { lower, port } = this;
    unsyncAddresses(this, lower);
    if (port.passthru) {
      if ((this.modeFlags & MACVLAN_FLAG.NOPROMISC) === 0) addPromiscuity(lower, -1);
    } else {
      if (this.flags & IFF.ALLMULTI) addAllmulti(lower, -1);
      if (this.flags & IFF.PROMISC) addPromiscuity(lower, -1);
      removeUnicast(lower, this.address);
    }
    port.unlisten(this);
  }

  override changeMtu(mtu: number): void {
    if (mtu > this.lower.mtu) throw new Refusal(ERRNO.EINVAL);
    this.mtu = mtu;
  }

  /** macvlan_set_mac_address() */
  override changeAddress(address: number): void {
    if (!isValidStationMac(address)) throw new Refusal(ERRNO.EADDRNOTAVAIL);
    if (address === this.address) return;
    const { port } = this;
    if (this.mode === MACVLAN_MODE.PASSTHRU) {
      port.changingAddress = true;
      changeAddress(this.lower, address); // comes back here through adoptAddress()
      return;
    }
    if (port.isBusy(address)) throw new Refusal(ERRNO.EADDRINUSE);
    this.adoptAddress(address);
  }

  /** macvlan_sync_address(): a new address, own or of the lower device. Errors: EADDRINUSE. */
  adoptAddress(address: number): void {
    const { port, lower } = this;
    if (!this.up) this.address = address;
    else {
      if (port.isBusy(address)) throw new Refusal(ERRNO.EADDRINUSE);
      if (!port.passthru) {
        addUnicast(lower, address);
        removeUnicast(lower, this.address);
      }
      port.unlisten(this);
      this.address = address;
      port.listen(this);
    }
    if (port.passthru && !port.changingAddress) port.permanentAddress = address;
    port.changingAddress = false;
  }

  override rxFlagsChanged(changed: number): void {
    if (!this.up) return;
    if (changed & IFF.ALLMULTI) addAllmulti(this.lower, this.flags & IFF.ALLMULTI ? 1 : -1);
    if (!this.port.passthru && changed & IFF.PROMISC) {
      addPromiscuity(this.lower, this.flags & IFF.PROMISC ? 1 : -1);
    }
  }

  /** A tag on top has to be in the bytes: no NETIF_F_HW_VLAN_CTAG_TX. */
  override get vlanOffload(): boolean {
    return false;
  }

  override get ethtool(): EthtoolOperations {
    return macvlanEthtool;
  }
}
