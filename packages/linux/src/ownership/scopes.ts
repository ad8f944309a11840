// What a change can be about: things of others, named so that they can be looked at before and after; and what else goes when
// a device goes down, leaves its bridge, or is deleted.

import { AttributeWriter } from "@patchcord/core/netlink/attributes.ts";
import { writeU32Host } from "@patchcord/core/netlink/host-bytes.ts";
import { IFLA } from "@patchcord/core/netlink/rtnl/link-constants.ts";
import { AF } from "@patchcord/core/netlink/rtnl/types.ts";
import { allFeatures } from "./ethtool-settings.ts";
import type { EthtoolScope } from "./ethtool-settings.ts";
import type { DatapathScope } from "./kernel-datapaths.ts";
import type { FlowScope } from "./kernel-flows.ts";
import type { EntryScope } from "./kernel-entries.ts";
import type { GroupScope } from "./kernel-groups.ts";
import type { NetnsCookie } from "./journal.ts";
import type { VlanOptionScope } from "./vlan-options.ts";

/** A device that is there, and the request that changes it. */
export interface LinkScope {
  readonly kind: "link";
  readonly index: number;
  /** Body of the request, base64. */
  readonly request: string;
  /** The request takes it away. */
  readonly deleted?: true;
  /** The other end of a cable, which goes too, if that is in another namespace. */
  readonly far?: FarEnd;
}

export interface FarEnd {
  readonly netns: NetnsCookie;
  /** The kernel's message about it, base64. */
  readonly link: string;
}

/** VLANs of a bridge port, or of the bridge itself. */
export interface VlanScope {
  readonly kind: "vlans";
  readonly index: number;
  readonly self: boolean;
}

export type Scope =
  | EntryScope
  | LinkScope
  | VlanScope
  | VlanOptionScope
  | GroupScope
  | EthtoolScope
  | DatapathScope
  | FlowScope;

/** The devices of the namespace where a request goes. */
export interface Devices {
  /** Whether it was made by the program, so that everything about it goes with it. */
  isOwn(index: number): boolean;
  indexOf(name: string): number | undefined;
  /** The bridge or bond that a device is a port of; 0 without one. */
  masterOf(index: number): number;
  inGroup(group: number): readonly number[];
  portsOf(index: number): readonly number[];
  /** A device and those that are deleted with it, what stands on others last: its other end, what is stacked on it. */
  goneWith(index: number): readonly number[];
  /** The other end of a cable in another namespace. */
  farEnd(index: number): FarEnd | undefined;
}

const IFINFOMSG = 16; // bytes
export const FAMILIES = [AF.INET, AF.INET6] as const;

/** A link request that names one attribute, or all flags. */
export function likeRequest(index: number, attribute: number | undefined, flags: boolean): Uint8Array {
  const writer = new AttributeWriter(IFINFOMSG);
  writeU32Host(writer.buffer, 4, index);
  if (flags) {
    writeU32Host(writer.buffer, 8, 0);
    writeU32Host(writer.buffer, 12, ~0 >>> 0);
  }
  if (attribute !== undefined) writer.flag(attribute);
  return writer.finish();
}

/** What goes when a device goes down; with it its IPv4 addresses, if it leaves the namespace. */
export function lostWith(device: number, moved: boolean): Scope[] {
  return [
    ...(moved ? [allFeatures(device), { kind: "address", family: AF.INET, device } as const] : []),
    { kind: "address", family: AF.INET6, device },
    ...FAMILIES.map((family): Scope => ({ kind: "route", family, device })),
    ...neighboursOf(device),
  ];
}

/** What goes when a device gets another address, as a bridge does when its ports change. */
export function neighboursOf(device: number): Scope[] {
  return FAMILIES.map((family) => ({ kind: "neighbour", family, device }));
}

/**
 * What bridges of others lose when a device of the program's own joins them, leaves them or changes on them: a bridge has the lowest
 * address of its ports, and forgets its neighbours whenever that changes.
 */
export function forgottenBy(bridges: readonly number[], devices: Devices): Scope[] {
  return [...new Set(bridges)]
    .filter((bridge) => bridge > 0 && !devices.isOwn(bridge))
    .flatMap((bridge) => neighboursOf(bridge));
}

/** What a bridge has learned of groups, and forgets when it goes down or one of its ports loses carrier. */
export function learnedGroups(index: number, devices: Devices): Scope[] {
  return devices.goneWith(index).flatMap((each): Scope[] => {
    const bridge = devices.masterOf(each);
    if (devices.isOwn(bridge === 0 ? each : bridge)) return [];
    return [bridge === 0 ? { kind: "group", bridge: each } : { kind: "group", bridge, port: each }];
  });
}

/** VLANs of a port, or of a bridge itself, and their options. */
export function vlansOf(index: number, self: boolean): Scope[] {
  return [
    { kind: "vlans", index, self },
    { kind: "VLAN options", index, global: false },
    ...(self ? [{ kind: "VLAN options", index, global: true } as const] : []),
  ];
}

/** What goes when a port leaves a bridge or joins one. */
export function lostByPort(port: number, bridges: readonly number[], devices: Devices): Scope[] {
  const foreign = bridges.filter((index) => index > 0 && !devices.isOwn(index));
  return [
    ...vlansOf(port, false),
    { kind: "neighbour", family: AF.BRIDGE, device: port },
    ...foreign.flatMap((bridge): Scope[] => [{ kind: "group", bridge, port }, ...neighboursOf(bridge)]),
  ];
}

/** What goes when a device is deleted. */
export function lostByDeletion(index: number, devices: Devices): Scope[] {
  const gone = devices.goneWith(index).filter((each) => !devices.isOwn(each));
  return gone.flatMap((each): Scope[] => {
    const master = devices.masterOf(each);
    const ports = devices.portsOf(each).filter((port) => !devices.isOwn(port) && !gone.includes(port));
    const request = Buffer.from(likeRequest(each, undefined, false)).toString("base64");
    const far = devices.farEnd(each);
    return [
      { kind: "link", index: each, request, deleted: true, ...(far === undefined ? {} : { far }) },
      ...lostWith(each, true),
      ...(master > 0
        ? lostByPort(each, [master], devices)
        : [
            ...vlansOf(each, true),
            { kind: "neighbour", family: AF.BRIDGE, device: each } as const,
            { kind: "group", bridge: each } as const,
          ]),
      ...ports.flatMap((port): Scope[] => {
        const leaving = Buffer.from(likeRequest(port, IFLA.MASTER, false)).toString("base64");
        return [{ kind: "link", index: port, request: leaving }, ...lostByPort(port, [], devices)];
      }),
    ];
  });
}
