// The link family of rtnetlink: making, changing, deleting and listing devices (net/core/rtnetlink.c).

import { ERRNO } from "../../netlink/errno.ts";
import { NLM_F } from "../../netlink/message.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { decodeLink, encodeLink } from "../../netlink/rtnl/link.ts";
import type { LinkMessage } from "../../netlink/rtnl/link.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { announceDevice, moveDevice, unregisterDevices, validName } from "../device-register.ts";
import type { NetDevice } from "../device.ts";
import { notifyLinkChange } from "../device-notify.ts";
import type { Kernel } from "../kernel.ts";
import type { Netns } from "../netns.ts";
import type { DumpResult, Request } from "./handlers.ts";
import { linkRecord } from "./link-fill.ts";
import {
  configureFlags,
  namedDevice,
  netnsById,
  requestedNetns,
  setLink,
  setMaster,
} from "./link-request.ts";

/** IFNAMSIZ, with the NUL. */
const NAME_SIZE = 16;

function decode(request: Request): LinkMessage {
  const message = decodeLink(request.message.body);
  if (isMalformed(message)) throw new Refusal(ERRNO.EINVAL);
  if ((message.ifname ?? "").length >= NAME_SIZE)
    throw new Refusal(ERRNO.ERANGE, "Attribute failed policy validation");
  return message;
}

/** The device that a request is about, by index, name or alternative name. */
function target(netns: Netns, message: LinkMessage): NetDevice | undefined {
  return message.index > 0 ? netns.deviceByIndex(message.index) : namedDevice(netns, message);
}

function newLink(request: Request): void {
  const message = decode(request);
  const { netns } = request;
  const { flags } = request.message;
  const kind =
    message.linkinfo?.kind === undefined ? undefined : netns.kernel.linkKinds.get(message.linkinfo.kind);
  if (kind) netns.kernel.modules?.request(`rtnl-link-${kind.kind}`);
  kind?.validate?.(message, message.linkinfo?.data);
  if (netns.kernel.profile.linkNetnsidChecked && message.linkNetnsid !== undefined)
    linkNetnsOf(netns, message.linkNetnsid);
  const device = target(netns, message);
  if (device) {
    changeExisting(device, message, flags, kind, netns);
    return;
  }
  if ((flags & NLM_F.CREATE) === 0) {
    if (
      message.index > 0 ||
      message.ifname !== undefined ||
      message.altIfname !== undefined ||
      message.group === undefined
    ) {
      throw new Refusal(ERRNO.ENODEV);
    }
    for (const member of devicesOfGroup(netns, message.group))
      setLink(member, { ...message, group: undefined }, netns);
    return;
  }
  if (message.protinfo !== undefined) throw new Refusal(ERRNO.EOPNOTSUPP);
  if (!kind) throw new Refusal(ERRNO.EOPNOTSUPP, "Unknown device type");
  create(kind, message, request);
}

function changeExisting(
  device: NetDevice,
  message: LinkMessage,
  flags: number,
  kind: NetDevice["kind"],
  netns: Netns,
): void {
  if (flags & NLM_F.EXCL) throw new Refusal(ERRNO.EEXIST);
  if (flags & NLM_F.REPLACE) throw new Refusal(ERRNO.EOPNOTSUPP);
  const information = message.linkinfo;
  let changed = false;
  if (information?.data !== undefined) {
    if (!kind || kind !== device.kind || !kind.change) throw new Refusal(ERRNO.EOPNOTSUPP);
    kind.change(device, information.data);
    changed = true;
  }
  if (information?.slaveData !== undefined) {
    const { master } = device;
    if (!master?.kind?.changePort) throw new Refusal(ERRNO.EOPNOTSUPP);
    master.kind.changePort(master, device, information.slaveData);
    changed = true;
  }
  setLink(device, message, netns, changed);
}

function create(kind: NonNullable<NetDevice["kind"]>, message: LinkMessage, request: Request): void {
  const { netns } = request;
  const named = message.ifname !== undefined && message.ifname !== "";
  const destination = requestedNetns(netns, message) ?? netns;
  // validate_linkmsg(): the protocols know nothing yet of a device that is not registered
  if (message.afSpec?.inet !== undefined || message.afSpec?.inet6 !== undefined)
    throw new Refusal(ERRNO.EAFNOSUPPORT);
  const linkNetns = message.linkNetnsid === undefined ? undefined : linkNetnsOf(netns, message.linkNetnsid);
  const device = kind.create({
    kernel: netns.kernel,
    sourceNetns: netns,
    netns: linkNetns ?? destination,
    linkNetns: linkNetns ?? netns,
    name: named ? (message.ifname as string) : (kind.namePattern ?? `${kind.kind}%d`),
    nameAssignType: named ? 3 : 1,
    message,
    data: message.linkinfo?.data,
  });
  try {
    configureFlags(device, message);
    announceDevice(device);
    if (linkNetns && linkNetns !== destination) moveDevice(device, destination);
    if (message.master !== undefined) setMaster(device, message.master);
  } catch (refusal) {
    unregisterDevices(kind.remove(device));
    throw refusal;
  }
}

function linkNetnsOf(netns: Netns, nsid: number): Netns {
  try {
    return netnsById(netns, nsid);
  } catch {
    throw new Refusal(ERRNO.EINVAL, "Unknown network namespace id");
  }
}

function setExisting(request: Request): void {
  const message = decode(request);
  if (message.index <= 0 && message.ifname === undefined && message.altIfname === undefined) {
    throw new Refusal(ERRNO.EINVAL);
  }
  const device = target(request.netns, message);
  if (!device) throw new Refusal(ERRNO.ENODEV);
  setLink(device, message, request.netns);
}

function deleteLink(request: Request): void {
  const message = decode(request);
  const netns =
    message.targetNetnsid === undefined ? request.netns : netnsById(request.netns, message.targetNetnsid);
  const byName = message.ifname !== undefined || message.altIfname !== undefined;
  if (message.index <= 0 && !byName) {
    if (message.group === undefined) throw new Refusal(ERRNO.EINVAL);
    deleteGroup(netns, message.group);
    return;
  }
  const device = target(netns, message);
  if (!device) throw new Refusal(ERRNO.ENODEV);
  unregisterDevices(removalOf(device));
}

function removalOf(device: NetDevice): NetDevice[] {
  if (!device.kind || device.kind.keepsDevices === true) throw new Refusal(ERRNO.EOPNOTSUPP);
  return device.kind.remove(device);
}

/** rtnl_group_dellink(): all or nothing. */
function deleteGroup(netns: Netns, group: number): void {
  if (group === 0) throw new Refusal(ERRNO.EPERM);
  const members = devicesOfGroup(netns, group);
  if (members.length === 0) throw new Refusal(ERRNO.ENODEV);
  unregisterDevices([...new Set(members.flatMap(removalOf))]);
}

function devicesOfGroup(netns: Netns, group: number): NetDevice[] {
  return [...netns.devices.values()].filter((device) => device.group === group);
}

function getLink(request: Request): void {
  const message = decode(request);
  const nsid = message.targetNetnsid;
  const netns = nsid === undefined ? request.netns : netnsById(request.netns, nsid);
  if (message.index <= 0 && message.ifname === undefined && message.altIfname === undefined) {
    throw new Refusal(ERRNO.EINVAL);
  }
  const device = target(netns, message);
  if (!device) throw new Refusal(ERRNO.ENODEV);
  if (netns.kernel.profile.getLinkSynchronizes) netns.kernel.linkEvents.synchronize(device);
  const record = linkRecord(device, request.netns, { extMask: message.extMask ?? 0, targetNetnsid: nsid });
  request.reply(RTM.NEWLINK, encodeLink(record));
}

function dumpLinks(request: Request): DumpResult {
  const message = decode(request);
  const nsid = message.targetNetnsid;
  const netns = nsid === undefined ? request.netns : netnsById(request.netns, nsid);
  const kind =
    message.linkinfo?.kind === undefined ? undefined : netns.kernel.linkKinds.get(message.linkinfo.kind);
  const wantedMaster = message.master;
  const devices = netns.devicesInDumpOrder().filter((device) => {
    if (kind && device.kind !== kind) return false;
    if (wantedMaster === undefined || wantedMaster === 0) return true;
    // -1 as u32: devices without a master
    return wantedMaster === 0xffff_ffff
      ? device.master === undefined
      : device.master?.ifindex === wantedMaster;
  });
  const options = { extMask: message.extMask ?? 0, targetNetnsid: nsid };
  return {
    type: RTM.NEWLINK,
    filtered: kind !== undefined || (wantedMaster ?? 0) !== 0,
    bodies: devices.map((device) => encodeLink(linkRecord(device, request.netns, options))),
  };
}

/** RTM_NEWLINKPROP and RTM_DELLINKPROP: alternative names. */
function changeProperties(request: Request): void {
  const message = decode(request);
  const device = target(request.netns, message);
  if (!device)
    throw new Refusal(message.index > 0 || message.ifname !== undefined ? ERRNO.ENODEV : ERRNO.EINVAL);
  const { names } = device.netns;
  for (const name of message.propList?.altIfname ?? []) {
    if (request.message.type === RTM.NEWLINKPROP) {
      if (name === "" || /[/:\s]/.test(name) || name.length > 127) throw new Refusal(ERRNO.EINVAL);
      if (!validName(name) && name.length < 16) throw new Refusal(ERRNO.EINVAL);
      if (names.has(name)) throw new Refusal(ERRNO.EEXIST);
      device.altNames.push(name);
      names.set(name, device);
    } else {
      const at = device.altNames.indexOf(name);
      if (at < 0) throw new Refusal(names.has(name) ? ERRNO.EINVAL : ERRNO.ENOENT);
      device.altNames.splice(at, 1);
      names.delete(name);
    }
    notifyLinkChange(device, 0);
  }
}

/** Registers the link family, and what of notifier events user space is told (rtnetlink_event). */
export function installLinks(kernel: Kernel): void {
  const { rtnetlink } = kernel;
  rtnetlink.register(AF.UNSPEC, RTM.NEWLINK, { doit: newLink });
  rtnetlink.register(AF.UNSPEC, RTM.SETLINK, { doit: setExisting });
  rtnetlink.register(AF.UNSPEC, RTM.DELLINK, { doit: deleteLink });
  rtnetlink.register(AF.UNSPEC, RTM.GETLINK, { doit: getLink, dump: dumpLinks });
  rtnetlink.register(AF.UNSPEC, RTM.NEWLINKPROP, { doit: changeProperties });
  rtnetlink.register(AF.UNSPEC, RTM.DELLINKPROP, { doit: changeProperties });
  kernel.onDevice((device, event) => {
    switch (event.type) {
      case "changeMtu":
      case "changeAddress":
      case "changeName":
      case "changeUpper":
      case "notifyPeers":
        notifyLinkChange(device, 0);
        break;
      default:
        break;
    }
  });
}
