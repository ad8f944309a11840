// The rows of `map`: which device inside a container, namespace or virtual machine is which device on the host, and where
// that one is plugged in.

import type { Process } from "../../system/process.ts";
import type { DeviceReference, Scan, ScannedDevice, ScannedNetns } from "../scan/model.ts";
import { netnsTitle } from "../scan/tree.ts";
import { Containers } from "./containers.ts";
import { isFilteringBridge, neutronPort, portOfName } from "./openstack.ts";
import type { NeutronPort } from "./openstack.ts";
import { machinePorts } from "./virtual-machines.ts";

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
  /** Of a container; of a virtual machine its UUID. */
  readonly id?: string;
  /** Another name of it: OpenStack's of a machine. */
  readonly title?: string;
  readonly pid?: number;
  /** Address of the card inside a virtual machine. */
  readonly mac?: string;
  /** OpenStack's. */
  readonly neutron?: NeutronPort;
  readonly inside?: MapEnd & { readonly addresses: readonly string[] };
  readonly host?: MapEnd;
  /** It is no cable: the device inside is on top of the host's (macvlan, VLAN). */
  readonly above?: true;
  /** Where the host's device is plugged in, nearest first: bridges, cables to the next bridge, OVS ports. */
  readonly path: readonly string[];
}

/** `told` has names of containers that engines tell over their sockets, by id. */
export function mapRows(process: Process, scan: Scan, told?: ReadonlyMap<string, string>): MapRow[] {
  const containers = new Containers(process, told);
  const own = scan.namespaces.find((netns) => netns.own);
  const rows = scan.namespaces.flatMap((netns) => (netns === own ? [] : netnsRows(netns, scan, containers)));
  const claimed = new Set(
    rows.flatMap(({ host, above }) =>
      host === undefined || above === true ? [] : [`${host.netns} ${host.ifindex}`],
    ),
  );
  const machines = own === undefined ? [] : tapRows(process, own, scan, containers, claimed);
  return [...rows, ...machines].map((row) => {
    const neutron = neutronPort(row.host?.device ?? row.inside?.device ?? "", scan);
    return neutron === undefined ? row : { ...row, neutron };
  });
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
  if (!isFilteringBridge(master)) return undefined;
  for (const port of netns.devices) {
    if (port.master !== master || seen.has(port.ifindex) || port.peer?.netns !== netns.inode) continue;
    const far = netns.devices.find(({ ifindex }) => ifindex === port.peer?.ifindex);
    if (far === undefined || seen.has(far.ifindex)) continue;
    seen.add(port.ifindex).add(far.ifindex);
    return far;
  }
  return undefined;
}

/** Taps and what else on the host is the cable of a virtual machine. */
function tapRows(
  process: Process,
  own: ScannedNetns,
  scan: Scan,
  containers: Containers,
  claimed: ReadonlySet<string>,
): MapRow[] {
  const ports = machinePorts(process, own);
  const devices = own.devices.filter(
    ({ ifindex, kind, name }) =>
      !claimed.has(`${own.inode} ${ifindex}`) &&
      (ports.has(name) || kind === "tun" || (name.startsWith("tap") && portOfName(name) !== undefined)),
  );
  return devices.map((device) => {
    const { name, title, uuid, pid, mac } = ports.get(device.name) ?? { name: undefined };
    const machine = name ?? (pid === undefined ? undefined : containers.of(pid)?.name);
    const start = portOfName(device.name);
    return {
      name: machine ?? (start === undefined ? device.name : `port ${start}`),
      engine: machine !== undefined ? "libvirt" : start === undefined ? "tap" : "neutron",
      ...(uuid === undefined ? {} : { id: uuid }),
      ...(title === undefined ? {} : { title }),
      ...(pid === undefined ? {} : { pid }),
      ...(mac === undefined ? {} : { mac }),
      host: endOf(device, own),
      path: pathFrom(device, own, scan),
    };
  });
}

/** A UUID, or enough of its start that OpenStack calls devices by it. */
const isStartOf = (word: string, uuid: string | undefined): boolean =>
  uuid !== undefined && word.length >= 11 && (uuid.startsWith(word) || word.startsWith(uuid));

/**
 * Rows that a word asks for: a name or id of a container or machine, a pid, the name of a device on either side or of one on the way, an
 * address of a card inside, or OpenStack's UUID of a port or a machine.
 */
export function rowsFor(rows: readonly MapRow[], word: string, scan: Scan): MapRow[] {
  const pid = /^\d+$/.test(word) ? Number(word) : undefined;
  const port = portOfName(word);
  const place = scan.namespaces.find(({ processes }) => processes.some((each) => each.pid === pid));
  return rows.filter(
    ({ name, title, id, mac, neutron, inside, host, path, pid: first }) =>
      name === word ||
      title === word ||
      mac === word.toLowerCase() ||
      (word.length >= 6 && id?.startsWith(word) === true) ||
      isStartOf(port ?? word, neutron?.port) ||
      isStartOf(word, neutron?.machine) ||
      inside?.device === word ||
      host?.device === word ||
      path.some((step) => step === word || step.startsWith(`${word} (`)) ||
      (pid !== undefined && (first === pid || (place !== undefined && inside?.netns === place.inode))),
  );
}
