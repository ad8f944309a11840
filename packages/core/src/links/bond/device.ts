// bond devices (drivers/net/bonding): a device that sends and receives by the ports it has.

import { AddressList } from "../../kernel/address-list.ts";
import { changeAddress, changeMtu } from "../../kernel/device-state.ts";
import type { NetDevice as Device } from "../../kernel/device.ts";
import { IFF, NetDevice } from "../../kernel/device.ts";
import type { EthtoolOperations } from "../../kernel/ethtool/operations.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { LinkKind } from "../../kernel/link-kind.ts";
import type { Netns } from "../../kernel/netns.ts";
import type { Packet } from "../../kernel/packet.ts";
import type { SysfsGroup } from "../../kernel/sysfs-attribute.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { isValidStationMac } from "../../wire/mac.ts";
import { Bond } from "./bond.ts";
import { bondEthtool } from "./ethtool.ts";
import { addPort, removePort } from "./membership.ts";
import { MODE, usesPrimary } from "./options.ts";
import { bondGroups, bondPortGroups } from "./sysfs.ts";
import { sendFrame } from "./transmit.ts";

/** BOND_DEFAULT_TX_QUEUES */
const QUEUES = 16;
const FOM_ACTIVE = 1;

export class BondDevice extends NetDevice {
  readonly bond: Bond;

  constructor(kernel: Kernel, netns: Netns, name: string, kind: LinkKind) {
    const lists = { multicast: new AddressList(), unicast: new AddressList() };
    super(kernel, netns, name, kind, lists, {
      flags: IFF.BROADCAST | IFF.MULTICAST | IFF.MASTER,
      queues: QUEUES,
    });
    this.bond = new Bond(this);
    this.carrier = false;
  }

  transmit(packet: Packet): void {
    sendFrame(this.bond, packet);
  }

  /** bond_open() */
  override open(): void {
    const { ports, options, active } = this.bond;
    for (const port of ports) port.backup = options.mode === MODE.ACTIVE_BACKUP && port !== active;
    this.bond.start();
  }

  override stop(): void {
    this.bond.stop();
  }

  /** bond_change_mtu(): all ports or none. */
  override changeMtu(mtu: number): void {
    const changed: Device[] = [];
    try {
      for (const { device } of this.bond.ports) {
        changeMtu(device, mtu);
        changed.push(device);
      }
    } catch (refusal) {
      for (const device of changed) changeMtu(device, this.mtu);
      throw refusal;
    }
    this.mtu = mtu;
  }

  /** bond_set_mac_address() */
  override changeAddress(address: number): void {
    if (!isValidStationMac(address)) throw new Refusal(ERRNO.EADDRNOTAVAIL);
    const { options, ports } = this.bond;
    const ownAddresses = options.failOverMac === FOM_ACTIVE && options.mode === MODE.ACTIVE_BACKUP;
    if (!ownAddresses) for (const { device } of ports) changeAddress(device, address);
    this.address = address;
  }

  override addPort(port: Device): void {
    addPort(this.bond, port);
  }

  override removePort(port: Device): void {
    removePort(this.bond, port);
  }

  override rxModeChanged(): void {
    for (const port of this.#listening()) port.listen(true);
  }

  override rxFlagsChanged(changed: number): void {
    for (const port of this.bond.ports) port.flagsChanged(changed);
  }

  /** With one active port only that one has to hear. */
  #listening(): Bond["ports"] {
    const { active, options, ports } = this.bond;
    if (!usesPrimary(options.mode)) return ports;
    return active === undefined ? [] : [active];
  }

  override get filtersUnicast(): boolean {
    return true;
  }

  override get netnsLocal(): boolean {
    return true;
  }

  override get ethtool(): EthtoolOperations {
    return bondEthtool;
  }

  override sysfsGroups(): readonly SysfsGroup[] {
    return bondGroups;
  }

  override portSysfsGroups(): readonly SysfsGroup[] {
    return bondPortGroups;
  }
}
