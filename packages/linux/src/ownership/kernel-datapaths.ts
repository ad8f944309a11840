// Datapaths of Open vSwitch in the kernel and their ports, which ovs-dpctl makes and removes (linux/openvswitch.h): what a request
// is about to change of them, how they are, and what takes it back. Flows: kernel-flows.ts.

import type { NetlinkClient, NetlinkResult } from "@patchcord/core/netlink/client.ts";
import { GENL_ID } from "@patchcord/core/netlink/generic/control.ts";
import {
  OVS_CMD,
  OVS_DATAPATH_VERSION,
  OVS_FAMILY,
  OVS_LOCAL_PORT,
  OVS_VERSION,
  OVS_VPORT_TYPE,
  ovsDatapath,
  ovsVport,
} from "@patchcord/core/netlink/generic/openvswitch.ts";
import { decodeMessages, NLM_F } from "@patchcord/core/netlink/message.ts";
import { isMalformed } from "@patchcord/core/wire/malformed.ts";
import { familyNumber } from "../generic-family.ts";

/** Datapaths and ports with these names. */
export interface DatapathScope {
  readonly kind: "datapaths";
  readonly names: readonly string[];
}

/** A datapath, or with a number a port of it. */
interface DatapathEntry {
  readonly datapath: string;
  /** The datapath's own, for itself. */
  readonly name: string;
  readonly port?: number;
  /** OVS_VPORT_TYPE_* */
  readonly type?: number;
  /** UDP port of a tunnel, and base64 of its extensions. */
  readonly dstPort?: number;
  readonly extension?: string;
  /** OVS_DP_F_* */
  readonly features?: number;
  /** Places of its cache of masks; kernels before 5.9 do not tell. */
  readonly cache?: number;
  /** Of the device that the datapath makes for it: its own, and those of internal ports. */
  readonly device?: number;
}

export type FamilyNumber = (name: string) => number | undefined;

/** Each family is asked for once. */
export function familyNumbers(generic: NetlinkClient): FamilyNumber {
  const known = new Map<string, number | undefined>();
  return (name) => {
    if (!known.has(name)) known.set(name, familyNumber(generic, name));
    return known.get(name);
  };
}

/** Setting is for the size of the cache of masks. */
const CHANGING: ReadonlySet<number> = new Set([OVS_CMD.NEW, OVS_CMD.DEL, OVS_CMD.SET]);

/** What the requests of a datagram may change; `numberOf` tells families' numbers. */
export function datapathScopes(datagram: Uint8Array, numberOf: FamilyNumber): DatapathScope[] {
  return decodeMessages(datagram).messages.flatMap(({ type, body }): DatapathScope[] => {
    // Requests about families come first, and most of what is sent is for others.
    if (type === GENL_ID.CTRL || !CHANGING.has(body[0] ?? 0)) return [];
    const isDatapath = type === numberOf(OVS_FAMILY.DATAPATH);
    if (!isDatapath && type !== numberOf(OVS_FAMILY.VPORT)) return [];
    const decoded = isDatapath ? ovsDatapath.decode(body) : ovsVport.decode(body);
    if (isMalformed(decoded)) return [];
    return [{ kind: "datapaths", names: decoded.name === undefined ? [] : [decoded.name] }];
  });
}

interface Listed {
  readonly entry: DatapathEntry;
  readonly ifindex: number;
}

export function datapathsNow(generic: NetlinkClient, numberOf: FamilyNumber): Listed[] {
  const family = numberOf(OVS_FAMILY.DATAPATH);
  if (family === undefined) return [];
  const header = { cmd: OVS_CMD.GET, version: OVS_DATAPATH_VERSION, dpIfindex: 0 };
  const result = generic.dump(family, ovsDatapath.encode(header));
  if (!result.ok) return [];
  return result.messages.flatMap(({ body }) => {
    const decoded = ovsDatapath.decode(body);
    if (isMalformed(decoded) || decoded.name === undefined) return [];
    const { name, userFeatures: features, masksCacheSize: cache, dpIfindex: ifindex } = decoded;
    const settings = {
      ...(features === undefined ? {} : { features }),
      ...(cache === undefined ? {} : { cache }),
    };
    return [{ entry: { datapath: name, name, device: ifindex, ...settings }, ifindex }];
  });
}

function portsNow(
  generic: NetlinkClient,
  numberOf: FamilyNumber,
  { entry, ifindex }: Listed,
): DatapathEntry[] {
  const family = numberOf(OVS_FAMILY.VPORT);
  if (family === undefined) return [];
  const header = { cmd: OVS_CMD.GET, version: OVS_VERSION, dpIfindex: ifindex };
  const result = generic.dump(family, ovsVport.encode(header));
  if (!result.ok) return [];
  return result.messages.flatMap(({ body }): DatapathEntry[] => {
    const decoded = ovsVport.decode(body);
    if (isMalformed(decoded) || decoded.name === undefined) return [];
    const { name, portNo: port, type, options, ifindex, netnsid } = decoded;
    // One that was moved to another namespace has its index there.
    const device = type === OVS_VPORT_TYPE.INTERNAL && netnsid === undefined ? ifindex : undefined;
    if (port === undefined || port === OVS_LOCAL_PORT || type === undefined) return [];
    const { dstPort, extension } = options ?? {};
    return [
      {
        datapath: entry.name,
        name,
        port,
        type,
        ...(device === undefined ? {} : { device }),
        ...(dstPort === undefined ? {} : { dstPort }),
        ...(extension === undefined ? {} : { extension: Buffer.from(extension).toString("base64") }),
      },
    ];
  });
}

const encoded = (entry: DatapathEntry): Uint8Array => Buffer.from(JSON.stringify(entry));
const entryOf = (bytes: Uint8Array): DatapathEntry =>
  JSON.parse(Buffer.from(bytes).toString()) as DatapathEntry;

/** Indexes of the devices that go with what the requests of a datagram take away. */
export function devicesGone(datagram: Uint8Array, numberOf: FamilyNumber, generic: NetlinkClient): number[] {
  return decodeMessages(datagram).messages.flatMap(({ type, body }): number[] => {
    if (body[0] !== OVS_CMD.DEL) return [];
    const isDatapath = type === numberOf(OVS_FAMILY.DATAPATH);
    if (!isDatapath && type !== numberOf(OVS_FAMILY.VPORT)) return [];
    const decoded = isDatapath ? ovsDatapath.decode(body) : ovsVport.decode(body);
    if (isMalformed(decoded)) return [];
    const { name, dpIfindex } = decoded;
    const portNo = "portNo" in decoded ? decoded.portNo : undefined;
    return datapathsNow(generic, numberOf).flatMap((listed) => {
      const ports = portsNow(generic, numberOf, listed);
      const isMeant = dpIfindex === 0 || dpIfindex === listed.ifindex;
      const gone = isDatapath
        ? (name === undefined ? isMeant : name === listed.entry.name)
          ? [...ports, listed.entry]
          : []
        : ports.filter(
            (each) => isMeant && (portNo === undefined ? each.name === name : each.port === portNo),
          );
      return gone.flatMap(({ device }) => device ?? []);
    });
  });
}

/** All datapaths, each before its ports. */
export function lookDatapaths(generic: NetlinkClient): Uint8Array[] {
  const numberOf = familyNumbers(generic);
  return datapathsNow(generic, numberOf).flatMap((listed) => [
    encoded(listed.entry),
    ...portsNow(generic, numberOf, listed).map(encoded),
  ]);
}

export interface DatapathBack {
  readonly name: string;
  readonly made: boolean;
  /** Index of the device that is made again with it. */
  readonly device?: number;
  readonly ask: () => NetlinkResult | undefined;
}

/** What takes back the changes between two looks that still are as they were left. `after`: undefined if it is not known. */
export function datapathsBack(
  generic: NetlinkClient,
  { names }: DatapathScope,
  before: readonly Uint8Array[],
  after: readonly Uint8Array[] | undefined,
): DatapathBack[] {
  const numberOf = familyNumbers(generic);
  const now = lookDatapaths(generic);
  const texts = (list: readonly Uint8Array[]): ReadonlySet<string> => new Set(list.map(textOf));
  const [was, became, is] = [texts(before), texts(after ?? now), texts(now)];
  const only = (list: readonly Uint8Array[], isChanged: (text: string) => boolean): DatapathEntry[] =>
    list.filter((bytes) => isChanged(textOf(bytes))).map(entryOf);
  const gained = only(now, (text) => !was.has(text) && became.has(text)).filter(
    ({ name, datapath }) => after !== undefined || names.includes(name) || names.includes(datapath),
  );
  const lost = only(before, (text) => !became.has(text) && !is.has(text));
  const gone = new Set(gained.filter(({ port }) => port === undefined).map(({ datapath }) => datapath));
  return [
    // Ports go with their datapath.
    ...gained
      .filter(({ port, datapath }) => port === undefined || !gone.has(datapath))
      .map((entry) => ({ name: nameOf(entry), made: true, ask: () => remove(generic, numberOf, entry) })),
    ...lost.map((entry) => ({
      name: nameOf(entry),
      made: false,
      ...(entry.device === undefined ? {} : { device: entry.device }),
      ask: () => add(generic, numberOf, entry),
    })),
    ...cachesBack(generic, numberOf, before, after, now),
  ];
}

/** A datapath with other settings is the same one. */
function textOf(bytes: Uint8Array): string {
  const { cache: _, features: __, ...entry } = entryOf(bytes);
  return JSON.stringify(entry);
}

function cachesBack(
  generic: NetlinkClient,
  numberOf: FamilyNumber,
  before: readonly Uint8Array[],
  after: readonly Uint8Array[] | undefined,
  now: readonly Uint8Array[],
): DatapathBack[] {
  const find = (list: readonly Uint8Array[], bytes: Uint8Array): DatapathEntry | undefined => {
    const same = list.find((other) => textOf(other) === textOf(bytes));
    return same && entryOf(same);
  };
  return before.flatMap((bytes): DatapathBack[] => {
    const { cache, name } = entryOf(bytes);
    const is = find(now, bytes);
    const became = after === undefined ? is : find(after, bytes);
    if (cache === undefined || !is || cache === became?.cache || is.cache !== became?.cache) return [];
    const entry = { ...is, cache };
    const what = `size of the cache of masks of datapath ${name}`;
    return [{ name: what, made: false, ask: () => resizeCache(generic, numberOf, entry) }];
  });
}

/** Features that are not named are taken away. */
function resizeCache(generic: NetlinkClient, numberOf: FamilyNumber, entry: DatapathEntry) {
  const { features: userFeatures = 0, cache: masksCacheSize = 0 } = entry;
  return request(generic, numberOf, entry, (dpIfindex) =>
    ovsDatapath.encode({
      cmd: OVS_CMD.SET,
      version: OVS_DATAPATH_VERSION,
      dpIfindex,
      userFeatures,
      masksCacheSize,
    }),
  );
}

const nameOf = ({ name, port, datapath }: DatapathEntry): string =>
  port === undefined ? `datapath ${name}` : `port ${name} of datapath ${datapath}`;

function request(
  generic: NetlinkClient,
  numberOf: FamilyNumber,
  { port, datapath }: DatapathEntry,
  encode: (dpIfindex: number) => Uint8Array,
): NetlinkResult | undefined {
  const family = numberOf(port === undefined ? OVS_FAMILY.DATAPATH : OVS_FAMILY.VPORT);
  const there = datapathsNow(generic, numberOf).find(({ entry }) => entry.name === datapath);
  if (family === undefined || (port !== undefined && there === undefined)) return undefined;
  return generic.request(family, NLM_F.CREATE, encode(there?.ifindex ?? 0));
}

function remove(generic: NetlinkClient, numberOf: FamilyNumber, entry: DatapathEntry) {
  const { name, port: portNo } = entry;
  const cmd = OVS_CMD.DEL;
  return request(generic, numberOf, entry, (dpIfindex) =>
    portNo === undefined
      ? ovsDatapath.encode({ cmd, version: OVS_DATAPATH_VERSION, dpIfindex: 0, name })
      : ovsVport.encode({ cmd, version: OVS_VERSION, dpIfindex, portNo }),
  );
}

function add(generic: NetlinkClient, numberOf: FamilyNumber, entry: DatapathEntry) {
  const { name, port: portNo, type, dstPort, extension, features: userFeatures, cache, device } = entry;
  const sameDevice = device === undefined ? {} : { ifindex: device };
  const cmd = OVS_CMD.NEW;
  return request(generic, numberOf, entry, (dpIfindex) => {
    // Nobody listens to upcalls of what is made anew.
    if (portNo === undefined)
      return ovsDatapath.encode({
        cmd,
        version: OVS_DATAPATH_VERSION,
        dpIfindex: 0,
        name,
        upcallPid: 0,
        ...sameDevice,
        ...(userFeatures === undefined ? {} : { userFeatures }),
        ...(cache === undefined ? {} : { masksCacheSize: cache }),
      });
    const options = {
      ...(dstPort === undefined ? {} : { dstPort }),
      ...(extension === undefined ? {} : { extension: Buffer.from(extension, "base64") }),
    };
    return ovsVport.encode({
      cmd,
      version: OVS_VERSION,
      dpIfindex,
      portNo,
      name,
      upcallPid: [0],
      ...sameDevice,
      ...(type === undefined ? {} : { type }),
      ...(Object.keys(options).length === 0 ? {} : { options }),
    });
  });
}
