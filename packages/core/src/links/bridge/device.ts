// The device that a bridge is to its host (net/bridge/br_device.c): what the host sends goes through the bridge, and what
// is for the host comes in here.

import { AddressList } from "../../kernel/address-list.ts";
import { IFF, NetDevice } from "../../kernel/device.ts";
import type { EthtoolOperations } from "../../kernel/ethtool/operations.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { LinkKind } from "../../kernel/link-kind.ts";
import type { BridgeOperations } from "../../kernel/netlink/bridge-operations.ts";
import type { Netns } from "../../kernel/netns.ts";
import type { Packet } from "../../kernel/packet.ts";
import type { SysfsGroup } from "../../kernel/sysfs-attribute.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { isValidStationMac } from "../../wire/mac.ts";
import { Bridge } from "./bridge.ts";
import { bridgeEthtool } from "./ethtool.ts";
import { addFdb, deleteFdb, dumpFdb, flushFdb, getFdb } from "./fdb-requests.ts";
import { transmitByBridge } from "./input.ts";
import { notifyGroupChange } from "./mdb-message.ts";
import { addPort, dropPort, removePort } from "./membership.ts";
import { MulticastDatabase } from "./multicast-database.ts";
import { deleteLink, getLink, setLink } from "./port-requests.ts";
import { managePromiscuity } from "./promiscuity.ts";
import { startQueries, stopQueries } from "./querier.ts";
import { joinSnoopers, leaveSnoopers } from "./snoopers.ts";
import { changeBridgeId, disableBridge, enableBridge } from "./stp-ports.ts";
import { bridgeTimers } from "./stp-timers.ts";
import { bridgeGroups } from "./sysfs-bridge.ts";
import { portGroups } from "./sysfs-port.ts";
import { flushBridgeVlans } from "./vlan.ts";

export class BridgeDevice extends NetDevice {
  readonly bridge: Bridge;
  readonly #operations: BridgeOperations = {
    addFdb: (device, message, mac, vid, flags) => addFdb(this.bridge, device, message, mac, vid, flags),
    deleteFdb: (device, _message, mac, vid) => deleteFdb(this.bridge, device, mac, vid),
    flushFdb: (device, message, vid) => flushFdb(this.bridge, device, message, vid),
    dumpFdb: (port) => dumpFdb(this.bridge, port),
    getFdb: (mac, vid) => getFdb(this.bridge, mac, vid),
    getLink: (device, extMask) => getLink(this.bridge, device, extMask),
    setLink: (device, message) => setLink(this.bridge, device, message),
    deleteLink: (device, message) => deleteLink(this.bridge, device, message),
  };

  constructor(kernel: Kernel, netns: Netns, name: string, kind: LinkKind) {
    const lists = { multicast: new AddressList(), unicast: new AddressList() };
    super(kernel, netns, name, kind, lists, {});
    this.bridge = new Bridge(
      this,
      bridgeTimers,
      (bridge) => new MulticastDatabase(bridge, notifyGroupChange),
    );
  }

  transmit(packet: Packet): void {
    transmitByBridge(this.bridge, packet);
  }

  override open(): void {
    enableBridge(this.bridge);
    startQueries(this.bridge);
    if (this.bridge.multicast.snooping) joinSnoopers(this.bridge);
  }

  override stop(): void {
    disableBridge(this.bridge);
    this.bridge.groups.stop();
    stopQueries(this.bridge);
    if (this.bridge.multicast.snooping) leaveSnoopers(this.bridge);
  }

  override beforeUnregister(): void {
    this.bridge.groups.clear();
    stopQueries(this.bridge);
    this.bridge.timers.gc.stop();
    flushBridgeVlans(this.bridge);
  }

  /** A user's choice ends the rule that the MTU is the smallest of the ports. */
  override changeMtu(mtu: number): void {
    this.mtu = mtu;
    this.bridge.mtuSet = true;
  }

  override changeAddress(address: number): void {
    if (!isValidStationMac(address)) throw new Refusal(ERRNO.EADDRNOTAVAIL);
    if (!this.registered) throw new Refusal(ERRNO.EBUSY);
    if (address !== this.address) changeBridgeId(this.bridge, address);
  }

  override rxFlagsChanged(changed: number): void {
    if (changed & IFF.PROMISC) managePromiscuity(this.bridge);
  }

  override addPort(device: NetDevice): void {
    addPort(this.bridge, device);
  }

  override removePort(device: NetDevice): void {
    removePort(this.bridge, device);
  }

  /** br_dev_delete(): ports are released before the device goes. */
  release(): void {
    for (const port of [...this.bridge.ports]) dropPort(port);
    this.bridge.timers.gc.stop();
  }

  override get bridgeOperations(): BridgeOperations {
    return this.#operations;
  }

  override get ethtool(): EthtoolOperations {
    return bridgeEthtool;
  }

  override get netnsLocal(): boolean {
    return true;
  }

  override sysfsGroups(): readonly SysfsGroup[] {
    return bridgeGroups;
  }

  override portSysfsGroups(): readonly SysfsGroup[] {
    return portGroups;
  }
}
