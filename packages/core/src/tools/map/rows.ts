// The rows of `map`: which device inside a container, namespace or virtual machine is which device on the host, and where
// that one is plugged in.

import type { Process } from "../../system/process.ts";
import type { DeviceReference, Scan, ScannedDevice, ScannedNetns } from "../scan/model.ts";
import { namesIn, textOf } from "../scan/namespaces.ts";
import { netnsTitle } from "../scan/tree.ts";
import { Containers } from "./containers.ts";

export interface MapEnd {
  readonly device: string;
  readonly ifindex: number;
  readonly netns: number;
  readonly netnsTitle: string;
}

export interface MapRow {
  /** Container, virtual machine, or namespace. */
  readonly name: string;
  readonly engine: string;
  readonly id?: string;
  readonly pid?: number;
  readonly inside?: MapEnd & { readonly addresses: readonly string[] };
  readonly host?: MapEnd;
  /** It is no cable: the device inside is on top of the host's (macvlan, VLAN). */
  readonly above?: true;
  /** Where the host's device is plugged in, nearest first: bridges, cables to the next bridge, OVS ports. */
  readonly path: readonly string[];
}

/** Prefixes of what Neutron and Nova call the devices of a port; the rest is the start of the port's UUID. */
const OPENSTACK = /^(tap|qvo|qvb|qbr)([0-9a-f]{8}-[0-9a-f]{2})$/;

export function mapRows(process: Process, scan: Scan): MapRow[] {
  const containers = new Containers(process);
  const own = scan.namespaces.find((netns) => netns.own);
  const rows = scan.namespaces.flatMap((netns) => (netns === own ? [] : netnsRows(netns, scan, containers)));
  const claimed = new Set(
    rows.flatMap(({ host, above }) =>
      host === undefined || above === true ? [] : [`${host.netns} ${host.ifindex}`],
    ),
  );
  const machines = own === undefined ? [] : tapRows(process, own, scan, containers, claimed);
  return [...rows, ...machines];
}

/** Where a device inside a namespace leads to: a cable's other end, or the device below. */
function farEnd({ peer, lower }: ScannedDevice): DeviceReference | undefined {
  return peer ?? lower;
}

/** Whether a device is an internal port of Open vSwitch, wherever it was moved. */
function isInternalPort({ name }: ScannedDevice, { ovs }: Scan): boolean {
  return (ovs ?? []).some(({ ports }) =>
    ports.some(({ interfaces }) => interfaces.some((each) => each.name === name && each.type === "internal")),
  );
}

/** A namespace's devices that lead elsewhere; one row without any if it has none. */
function netnsRows(netns: ScannedNetns, scan: Scan, containers: Containers): MapRow[] {
  const [first] = netns.processes;
  const container = netns.processes.map(({ pid }) => containers.of(pid)).find((each) => each !== undefined);
  const identity = {
    name: container?.name ?? netnsTitle(netns),
    engine: container?.engine ?? (netns.names.length > 0 ? "netns" : "process"),
    ...(container?.id === undefined ? {} : { id: container.id }),
    ...(first === undefined ? {} : { pid: first.pid }),
  };
  const outside = netns.devices.filter((device) => {
    const far = farEnd(device);
    return far === undefined ? isInternalPort(device, scan) : far.netns !== netns.inode;
  });
  if (outside.length === 0) return [{ ...identity, path: [] }];
  return outside.map((device) => {
    const inside = { ...endOf(device, netns), addresses: device.addresses };
    const far = farEnd(device);
    if (far === undefined) return { ...identity, inside, path: pathFrom(device, netns, scan) };
    const place = scan.namespaces.find(({ inode }) => inode === far.netns);
    const other = place?.devices.find(({ ifindex }) => ifindex === far.ifindex);
    const above = device.peer === undefined ? ({ above: true } as const) : {};
    return place && other
      ? { ...identity, inside, host: endOf(other, place), ...above, path: pathFrom(other, place, scan) }
      : { ...identity, inside, path: [] };
  });
}

function endOf(device: ScannedDevice, netns: ScannedNetns): MapEnd {
  return {
    device: device.name,
    ifindex: device.ifindex,
    netns: netns.inode,
    netnsTitle: netnsTitle(netns),
  };
}

const LONGEST_PATH = 8;

/** Follows a device to its bridge, and from there over OpenStack's cable to the next one. */
export function pathFrom(device: ScannedDevice, netns: ScannedNetns, scan: Scan): string[] {
  const path: string[] = [];
  const seen = new Set([device.ifindex]);
  for (let at: ScannedDevice | undefined = device; at && path.length < LONGEST_PATH;) {
    const { name, master }: ScannedDevice = at;
    const bridge = scan.ovs?.find((each) => each.ports.some((port) => port.name === name));
    if (bridge) {
      const port = bridge.ports.find((each) => each.name === name);
      const number = port?.interfaces.find((each) => each.name === name)?.ofport;
      path.push(
        `${bridge.name} (OVS${number === undefined ? "" : `, port ${number}`}${port?.tag === undefined ? "" : `, tag ${port.tag}`})`,
      );
      return path;
    }
    if (master === undefined) return path;
    path.push(master);
    at = cableBeyond(master, netns, seen);
    if (at) path.push(`${at.name}`);
  }
  return path;
}

/** The far end of the cable by which qbr goes on to br-int; undefined for an ordinary bridge. */
function cableBeyond(master: string, netns: ScannedNetns, seen: Set<number>): ScannedDevice | undefined {
  if (!OPENSTACK.test(master)) return undefined;
  for (const port of netns.devices) {
    if (port.master !== master || seen.has(port.ifindex) || port.peer?.netns !== netns.inode) continue;
    const far = netns.devices.find(({ ifindex }) => ifindex === port.peer?.ifindex);
    if (far === undefined || seen.has(far.ifindex)) continue;
    seen.add(port.ifindex).add(far.ifindex);
    return far;
  }
  return undefined;
}

/** Taps of virtual machines: the process that has the tap open tells whose it is. */
function tapRows(
  process: Process,
  own: ScannedNetns,
  scan: Scan,
  containers: Containers,
  claimed: ReadonlySet<string>,
): MapRow[] {
  const taps = own.devices.filter(
    (device) =>
      !claimed.has(`${own.inode} ${device.ifindex}`) &&
      (device.kind === "tun" || (device.name.startsWith("tap") && OPENSTACK.test(device.name))),
  );
  if (taps.length === 0) return [];
  const owners = tapOwners(process, own);
  return taps.map((device) => {
    const owner = owners.get(device.name);
    const machine =
      owner === undefined ? undefined : (machineName(process, owner) ?? containers.of(owner)?.name);
    const port = OPENSTACK.exec(device.name)?.[2];
    return {
      name: machine ?? (port === undefined ? device.name : `port ${port}`),
      engine: machine !== undefined ? "libvirt" : port === undefined ? "tap" : "neutron",
      ...(owner === undefined ? {} : { pid: owner }),
      host: endOf(device, own),
      path: pathFrom(device, own, scan),
    };
  });
}

/** Pids of the processes that have taps open, by the tap's name (/proc/PID/fdinfo, "iff:"). */
function tapOwners(process: Process, own: ScannedNetns): ReadonlyMap<string, number> {
  const owners = new Map<string, number>();
  for (const { pid, command } of own.processes) {
    if (!/qemu|kvm|openvpn|vhost|firecracker|cloud-hyper|ovs-vswitchd|node|patchcord/.test(command)) continue;
    for (const fd of namesIn(process, `/proc/${pid}/fdinfo`)) {
      const name = /^iff:\s*(\S+)/m.exec(textOf(process, `/proc/${pid}/fdinfo/${fd}`) ?? "")?.[1];
      if (name !== undefined) owners.set(name, pid);
    }
  }
  return owners;
}

/** `-name guest=NAME,...` of qemu's command line. */
function machineName(process: Process, pid: number): string | undefined {
  const argv = (textOf(process, `/proc/${pid}/cmdline`) ?? "").split("\0");
  const at = argv.indexOf("-name");
  return at < 0 ? undefined : argv[at + 1]?.replace(/^guest=/, "").split(",")[0];
}

/**
 * Rows that a word asks for: a container's name or id, a pid, the name of a device on either side, of one on the way, or of
 * OpenStack's for the same port.
 */
export function rowsFor(rows: readonly MapRow[], word: string, scan: Scan): MapRow[] {
  const pid = /^\d+$/.test(word) ? Number(word) : undefined;
  const port = OPENSTACK.exec(word)?.[2];
  const place = scan.namespaces.find(({ processes }) => processes.some((each) => each.pid === pid));
  return rows.filter(
    ({ name, id, inside, host, path, pid: first }) =>
      name === word ||
      (word.length >= 6 && id?.startsWith(word) === true) ||
      inside?.device === word ||
      host?.device === word ||
      path.some((step) => step === word || step.startsWith(`${word} (`)) ||
      (port !== undefined && OPENSTACK.exec(host?.device ?? "")?.[2] === port) ||
      (pid !== undefined && (first === pid || (place !== undefined && inside?.netns === place.inode))),
  );
}
