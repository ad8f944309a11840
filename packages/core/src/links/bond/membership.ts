// Devices that become ports of a bond and cease to be (bond_enslave, __bond_release_one), and what comes in by them
// (bond_handle_frame).

import { linkUpper, unlinkUpper } from "../../kernel/device-register.ts";
import { changeAddress, changeMtu, closeDevice, openDevice } from "../../kernel/device-state.ts";
import type { NetDevice, RxVerdict } from "../../kernel/device.ts";
import { IFF } from "../../kernel/device.ts";
import type { Packet } from "../../kernel/packet.ts";
import { PACKET_BROADCAST, PACKET_MULTICAST } from "../../kernel/packet.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { ETHERNET_HEADER_LENGTH } from "../../wire/ethernet.ts";
import type { Bond } from "./bond.ts";
import { BondPort, LINK, portOf, setPort } from "./bond.ts";
import { balances, MODE, usesPrimary } from "./options.ts";

/** NET_ADDR_RANDOM, NET_ADDR_STOLEN */
const RANDOM = 1;
const STOLEN = 2;
/** Bytes: the most that any device may be handed to segment, 8 * 65535. */
const TSO_MAX_SIZE = 524_280;
/** fail_over_mac: ports keep their own addresses. */
const FOM_NONE = 0;

function refuse(errno: number, text: string): never {
  throw new Refusal(errno, text);
}

/** bond_enslave(). Errors: Refusal with the kernel's text. */
export function addPort(bond: Bond, device: NetDevice): void {
  if (device.flags & IFF.MASTER && device.kind !== bond.device.kind) {
    refuse(ERRNO.EPERM, "Device type (master device) cannot be enslaved");
  }
  if (device.rxHandler !== undefined) refuse(ERRNO.EBUSY, "Device is in use and cannot be enslaved");
  if (device === bond.device) refuse(ERRNO.EPERM, "Cannot enslave bond to itself.");
  if (device.up) refuse(ERRNO.EPERM, "Device can not be enslaved while up");
  const first = bond.ports.length === 0;
  const port = new BondPort(bond, device);
  if (first && bond.device.addressAssignType === RANDOM) {
    changeAddress(bond.device, device.address);
    bond.device.addressAssignType = STOLEN;
  }
  changeMtu(device, bond.device.mtu);
  const sharesAddress = bond.options.failOverMac === FOM_NONE || bond.options.mode !== MODE.ACTIVE_BACKUP;
  if (sharesAddress) changeAddress(device, bond.device.address);
  device.flags |= IFF.SLAVE;
  try {
    openDevice(device);
    setLinkState(bond, port);
    setPort(device, port);
    device.rxHandler = (packet) => handleFrame(port, packet);
    linkUpper(device, bond.device, true);
  } catch (refusal) {
    setPort(device, undefined);
    device.rxHandler = undefined;
    closeDevice(device);
    device.flags &= ~IFF.SLAVE;
    if (sharesAddress) changeAddress(device, port.permanentAddress);
    changeMtu(device, port.originalMtu);
    throw refusal;
  }
  bond.ports.push(port);
  if (!usesPrimary(bond.options.mode)) port.listen(true);
  computeFeatures(bond);
  bond.updateCarrier();
  bond.selectActive();
  if (bond.active === undefined && balances(bond.options.mode)) bond.active = port;
}

/** bond_compute_features(): without ports nothing limits what may be segmented. */
function computeFeatures({ device, ports }: Bond): void {
  device.tsoMaxSize = Math.min(TSO_MAX_SIZE, ...ports.map(({ device: port }) => port.tsoMaxSize));
  device.kernel.tell(device, { type: "features" });
}

function setLinkState(bond: Bond, port: BondPort): void {
  const { miimon, arpInterval, updelay, mode } = bond.options;
  const { carrier } = port.device;
  if (miimon !== 0 && carrier && updelay > 0) {
    port.link = LINK.BACK;
    port.delay = bond.intervals(updelay);
  } else port.link = carrier || (miimon === 0 && arpInterval === 0) ? LINK.UP : LINK.DOWN;
  port.backup = mode === MODE.ACTIVE_BACKUP;
}

/** __bond_release_one(): the port is as it was before, and down. */
export function removePort(bond: Bond, device: NetDevice): void {
  const port = portOf(device);
  if (port === undefined || port.bond !== bond) throw new Refusal(ERRNO.EINVAL);
  bond.ports.splice(bond.ports.indexOf(port), 1);
  port.listen(false);
  device.rxHandler = undefined;
  setPort(device, undefined);
  unlinkUpper(device, bond.device);
  computeFeatures(bond);
  if (bond.active === port) {
    bond.changeActive(undefined);
    bond.selectActive();
  }
  if (bond.ports.length === 0) {
    bond.updateCarrier();
    changeAddress(bond.device, bond.device.kernel.random.mac());
    bond.device.addressAssignType = RANDOM;
  } else bond.updateCarrier();
  closeDevice(device);
  if (device.registered && !device.unregistering) {
    changeAddress(device, port.permanentAddress);
    changeMtu(device, port.originalMtu);
  }
  device.flags &= ~IFF.SLAVE;
}

/** bond_handle_frame() */
function handleFrame(port: BondPort, packet: Packet): RxVerdict {
  const { device, options } = port.bond;
  device.statistics.rxPackets++;
  device.statistics.rxBytes += packet.length + ETHERNET_HEADER_LENGTH;
  if (packet.packetType === PACKET_MULTICAST) device.statistics.multicast++;
  // bond_should_deliver_exact_match(): a backup would deliver floods twice.
  if (port.backup && options.allSlavesActive === 0) return "exact";
  if (port.backup && (packet.packetType === PACKET_BROADCAST || packet.packetType === PACKET_MULTICAST)) {
    return "exact";
  }
  packet.device = device;
  return "another";
}
