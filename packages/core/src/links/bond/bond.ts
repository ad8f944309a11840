// A bond (drivers/net/bonding/bond_main.c): its ports, which of them is active, and the watch over their links (miimon). Sending is
// in transmit.ts, joining and leaving in membership.ts. Not here: ARP monitoring and the exchange of LACPDUs.

import { carrierOff, carrierOn } from "../../kernel/device-state.ts";
import { notifyLinkChange } from "../../kernel/device-notify.ts";
import type { NetDevice } from "../../kernel/device.ts";
import type { Netns } from "../../kernel/netns.ts";
import { syncAddresses, syncAddressesToOneOfSeveral, unsyncAddresses } from "../../kernel/address-sync.ts";
import { addAllmulti, addPromiscuity } from "../../kernel/device-state.ts";
import { IFF } from "../../kernel/device.ts";
import { Slot } from "../../kernel/slot.ts";
import type { Timer } from "../../system/system.ts";
import { MILLISECOND } from "../../system/system.ts";
import type { MacAddress } from "../../wire/mac.ts";
import { balances, BondOptions, MODE, usesPrimary } from "./options.ts";

/** BOND_LINK_* */
export const LINK = { UP: 0, FAIL: 1, DOWN: 2, BACK: 3 } as const;
/** BOND_PRI_RESELECT_* */
const RESELECT = { ALWAYS: 0, BETTER: 1, FAILURE: 2 } as const;

export class BondPort {
  readonly bond: Bond;
  readonly device: NetDevice;
  readonly permanentAddress: MacAddress;
  readonly originalMtu: number;
  link: number = LINK.UP;
  /** Not used for sending, and for receiving only what is meant for this port. */
  backup = false;
  linkFailures = 0;
  /** Intervals left until a link that has changed counts. */
  delay = 0;
  queueId = 0;
  priority = 0;
  #listening = false;

  constructor(bond: Bond, device: NetDevice) {
    this.bond = bond;
    this.device = device;
    this.permanentAddress = device.address;
    this.originalMtu = device.mtu;
  }

  get isUp(): boolean {
    return this.link === LINK.UP;
  }

  /** bond_slave_can_tx() */
  get canSend(): boolean {
    return this.isUp && !this.backup && this.device.up;
  }

  /** The port hears what the bond is to hear (bond_hw_addr_swap, bond_set_promiscuity, bond_set_allmulti). */
  listen(on: boolean): void {
    const { device } = this.bond;
    if (!on) unsyncAddresses(device, this.device);
    else if (usesPrimary(this.bond.options.mode)) syncAddresses(device, this.device);
    else syncAddressesToOneOfSeveral(device, this.device);
    if (on === this.#listening) return;
    this.#listening = on;
    const by = on ? 1 : -1;
    if (device.flags & IFF.PROMISC) addPromiscuity(this.device, by);
    if (device.flags & IFF.ALLMULTI) addAllmulti(this.device, by);
  }

  /** PROMISC or ALLMULTI of the bond has changed. */
  flagsChanged(changed: number): void {
    if (!this.#listening) return;
    const { flags } = this.bond.device;
    if (changed & IFF.PROMISC) addPromiscuity(this.device, flags & IFF.PROMISC ? 1 : -1);
    if (changed & IFF.ALLMULTI) addAllmulti(this.device, flags & IFF.ALLMULTI ? 1 : -1);
  }
}

const ports = new Slot<BondPort>();

export function portOf(device: NetDevice): BondPort | undefined {
  return ports.of(device);
}

export function setPort(device: NetDevice, port: BondPort | undefined): void {
  ports.set(device, port);
}

export class Bond {
  readonly device: NetDevice;
  readonly options = new BondOptions();
  readonly ports: BondPort[] = [];
  /** The port that sends, in modes with only one. */
  active: BondPort | undefined = undefined;
  /** Name of the port that is preferred, whether it is there or not. */
  primaryName: string | undefined = undefined;
  arpTargets: readonly Uint8Array[] = [];
  nsTargets: readonly Uint8Array[] = [];
  actorSystem: Uint8Array = new Uint8Array(6);
  /** Packets sent in turn (balance-rr). */
  turn = 0;
  #monitor: Timer | undefined = undefined;
  /** Announcements that are still to be made after a failover. */
  #announcements = 0;
  /** A port has just become the preferred one again (force_primary). */
  #preferPrimary = false;

  constructor(device: NetDevice) {
    this.device = device;
  }

  get netns(): Netns {
    return this.device.netns;
  }

  get primary(): BondPort | undefined {
    if (this.primaryName === undefined) return undefined;
    return this.ports.find(({ device }) => device.name === this.primaryName);
  }

  /** Milliseconds as a number of monitoring intervals. */
  intervals(milliseconds: number): number {
    const { miimon } = this.options;
    return miimon === 0 ? 0 : Math.floor(milliseconds / miimon);
  }

  // ---- the active port

  /** bond_find_best_slave() */
  #best(): BondPort | undefined {
    const choice = this.#chooseByPrimary();
    if (choice !== undefined) return choice;
    let best: BondPort | undefined;
    let shortest = this.intervals(this.options.updelay);
    for (const port of this.ports) {
      if (port.link === LINK.UP) return port;
      if (port.link === LINK.BACK && port.device.up && port.delay < shortest) {
        shortest = port.delay;
        best = port;
      }
    }
    return best;
  }

  /** bond_choose_primary_or_current() */
  #chooseByPrimary(): BondPort | undefined {
    const { primary, active } = this;
    const current = active?.isUp ? active : undefined;
    if (primary === undefined || !primary.isUp) return current;
    if (this.#preferPrimary) {
      this.#preferPrimary = false;
      return primary;
    }
    if (current === undefined) return primary;
    switch (this.options.primaryReselect) {
      case RESELECT.BETTER:
      case RESELECT.FAILURE:
        return current;
      default:
        return primary;
    }
  }

  /** bond_select_active_slave() */
  selectActive(): void {
    if (!usesPrimary(this.options.mode)) return;
    const best = this.#best();
    if (best === this.active) return;
    this.changeActive(best);
    this.updateCarrier();
  }

  /** bond_change_active_slave() */
  changeActive(port: BondPort | undefined): void {
    const old = this.active;
    if (port === old) return;
    if (port !== undefined && port.link === LINK.BACK) {
      port.delay = 0;
      port.link = LINK.UP;
    }
    if (usesPrimary(this.options.mode)) {
      old?.listen(false);
      port?.listen(true);
    }
    this.active = port;
    if (old !== undefined) old.backup = this.options.mode === MODE.ACTIVE_BACKUP;
    if (port !== undefined) port.backup = false;
    if (this.options.mode !== MODE.ACTIVE_BACKUP || port === undefined || !this.device.running) return;
    this.#announcements =
      this.options.numPeerNotif * Math.max(1, this.intervals(this.options.peerNotifDelay));
    if (this.#announcements > 0 && this.device.carrier) this.#announce();
  }

  /** bond_peer_notify_work(): tells switches and neighbours that the addresses are behind another port now. */
  #announce(): void {
    this.#announcements--;
    this.device.kernel.tell(this.device, { type: "notifyPeers" });
  }

  /** bond_set_carrier() */
  updateCarrier(): void {
    const { minLinks } = this.options;
    const up = this.ports.filter(({ link }) => link === LINK.UP || link === LINK.FAIL).length;
    if (up > 0 && up >= minLinks) carrierOn(this.device);
    else carrierOff(this.device);
  }

  // ---- the watch over links

  start(): void {
    if (this.options.miimon === 0) return;
    this.#monitor = this.device.kernel.clock.after(0, () => this.#watch());
  }

  stop(): void {
    this.#monitor?.cancel();
    this.#monitor = undefined;
    this.#announcements = 0;
  }

  /** The interval has changed. */
  restartMonitor(): void {
    this.#monitor?.cancel();
    this.#monitor = undefined;
    if (this.device.running) this.start();
  }

  /** bond_mii_monitor() */
  #watch(): void {
    const { kernel } = this.device;
    const changed = this.ports.filter((port) => this.#inspect(port));
    for (const port of changed) this.#commit(port);
    if (changed.length > 0) {
      this.selectActive();
      this.updateCarrier();
    }
    if (this.#announcements > 0 && this.device.carrier) this.#announce();
    if (this.options.miimon === 0) return;
    this.#monitor = kernel.clock.after(this.options.miimon * MILLISECOND, () => this.#watch());
  }

  /** bond_miimon_inspect(): true if the link is now known to be up or down. */
  #inspect(port: BondPort): boolean {
    const carrier = port.device.up && port.device.carrier;
    const { updelay, downdelay } = this.options;
    if (port.link === LINK.UP || port.link === LINK.FAIL) {
      if (carrier) {
        if (port.link === LINK.FAIL) port.link = LINK.UP;
        return false;
      }
      if (port.link === LINK.UP) {
        port.link = LINK.FAIL;
        port.delay = this.intervals(downdelay);
      }
      return port.delay-- <= 0;
    }
    if (!carrier) {
      if (port.link === LINK.BACK) port.link = LINK.DOWN;
      return false;
    }
    if (port.link === LINK.DOWN) {
      port.link = LINK.BACK;
      port.delay = this.intervals(updelay);
    }
    // Without another one that works there is nothing to wait for.
    if (this.active === undefined && usesPrimary(this.options.mode)) port.delay = 0;
    return port.delay-- <= 0;
  }

  /** bond_miimon_commit() */
  #commit(port: BondPort): void {
    const { mode } = this.options;
    if (port.link === LINK.BACK) {
      port.link = LINK.UP;
      if (balances(mode) || mode === MODE.LACP) port.backup = false;
      if (port === this.primary) this.#preferPrimary = this.options.primaryReselect === RESELECT.ALWAYS;
    } else {
      port.linkFailures++;
      port.link = LINK.DOWN;
      if (mode === MODE.ACTIVE_BACKUP || mode === MODE.LACP) port.backup = true;
      if (port === this.active) this.changeActive(undefined);
    }
    notifyLinkChange(port.device, 0);
  }
}
