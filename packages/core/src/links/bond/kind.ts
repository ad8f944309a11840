// The link kind "bond" (drivers/net/bonding/bond_netlink.c).

import { registerDevice } from "../../kernel/device-register.ts";
import type { NetDevice } from "../../kernel/device.ts";
import type { DeviceEvent, Kernel } from "../../kernel/kernel.ts";
import type { LinkKind } from "../../kernel/link-kind.ts";
import { configureNew, requireStationAddress } from "../../kernel/netlink/link-request.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { writeMac } from "../../wire/mac.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { portOf } from "./bond.ts";
import { BondDevice } from "./device.ts";
import { removePort } from "./membership.ts";
import type { BondData } from "./netlink.ts";
import { decodeBondData, decodeBondPortData, encodeBondData, encodeBondPortData } from "./netlink.ts";
import { changeOptions, MODE, usesPrimary } from "./options.ts";
import { installBondProc } from "./proc.ts";

function decode(payload: Uint8Array): BondData {
  const data = decodeBondData(payload);
  if (isMalformed(data)) throw new Refusal(ERRNO.EINVAL);
  return data;
}

/** bond_fill_info() */
function fill({ bond }: BondDevice): Uint8Array {
  const { options, active, primary, arpTargets, nsTargets, actorSystem } = bond;
  const shown = usesPrimary(options.mode) ? active : undefined;
  const lacp = options.mode === MODE.LACP;
  return encodeBondData({
    ...options,
    activeSlave: shown?.device.ifindex,
    primary: primary?.device.ifindex,
    arpIpTarget: arpTargets.length > 0 ? arpTargets : undefined,
    nsIp6Target: nsTargets.length > 0 ? nsTargets : undefined,
    adActorSysPrio: lacp ? options.adActorSysPrio : undefined,
    adUserPortKey: lacp ? options.adUserPortKey : undefined,
    adActorSystem: lacp ? actorSystem : undefined,
  });
}

/** bond_fill_slave_info() */
function fillPort(device: NetDevice): Uint8Array | undefined {
  const port = portOf(device);
  if (port === undefined) return undefined;
  const permHwaddr = new Uint8Array(6);
  writeMac(permHwaddr, 0, port.permanentAddress);
  return encodeBondPortData({
    state: port.backup ? 1 : 0,
    miiStatus: port.link,
    linkFailureCount: port.linkFailures,
    permHwaddr,
    queueId: port.queueId,
    prio: port.priority,
  });
}

/** bond_slave_changelink(). Errors: EINVAL. */
function changePort(device: NetDevice, payload: Uint8Array): void {
  const data = decodeBondPortData(payload);
  const port = portOf(device);
  if (isMalformed(data) || port === undefined) throw new Refusal(ERRNO.EINVAL);
  if (data.queueId !== undefined) {
    if (data.queueId >= port.bond.device.txQueues) throw new Refusal(ERRNO.EINVAL, "invalid option value");
    port.queueId = data.queueId;
  }
  if (data.prio !== undefined) port.priority = data.prio;
}

/** bond_slave_netdev_event(): a port that goes, even to another namespace, is a port no more. */
function portEvent(device: NetDevice, event: DeviceEvent): void {
  const port = event.type === "unregister" ? portOf(device) : undefined;
  if (port !== undefined) removePort(port.bond, device);
}

function install(kernel: Kernel): void {
  kernel.onDevice(portEvent);
  installBondProc(kernel);
}

export const bondKind: LinkKind = {
  kind: "bond",
  tellsType: true,
  validate: requireStationAddress,
  create({ kernel, netns, name, nameAssignType, message, data }) {
    const device = new BondDevice(kernel, netns, name, bondKind);
    device.nameAssignType = nameAssignType;
    configureNew(device, message);
    if (message.address === undefined) {
      device.address = kernel.random.mac();
      device.addressAssignType = 1;
    }
    if (data !== undefined) changeOptions(device.bond, decode(data));
    registerDevice(device, message.index);
    return device;
  },
  change: (device, data) => changeOptions((device as BondDevice).bond, decode(data)),
  remove(device) {
    const { bond } = device as BondDevice;
    for (const port of [...bond.ports]) removePort(bond, port.device);
    return [device];
  },
  fill: (device) => fill(device as BondDevice),
  fillPort: (_, port) => fillPort(port),
  changePort: (_, port, data) => changePort(port, data),
  install,
};
