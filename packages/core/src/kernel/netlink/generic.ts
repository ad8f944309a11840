// Generic netlink families (net/netlink/genetlink.c): the table that layers register in. The server for it, with the
// controller family "nlctrl", is in generic-server.ts.

import type { DumpResult, Request } from "./handlers.ts";

/** One command of a family. */
export interface GenericCommand {
  readonly doit?: (request: Request) => void;
  readonly dump?: (request: Request) => DumpResult;
  /** Needs CAP_NET_ADMIN in the namespace (GENL_UNS_ADMIN_PERM). */
  readonly admin?: boolean;
}

/** A multicast group with the number that members join. */
export interface GenericGroup {
  readonly name: string;
  readonly id: number;
}

/** A family such as "ethtool". Ids are given in order of registration. */
export interface GenericFamily {
  readonly name: string;
  readonly version: number;
  readonly headerSize: number;
  readonly maxAttribute: number;
  readonly commands: ReadonlyMap<number, GenericCommand>;
  readonly multicastGroups: readonly GenericGroup[];
}

/** GENL_ID_CTRL; other families follow GENL_START_ALLOC. */
const CONTROL_ID = 0x10;

export class GenericFamilies {
  readonly #byId = new Map<number, GenericFamily>();
  #lastGroup = 0;
  #nextId = CONTROL_ID + 3; // VFS_DQUOT and PMCRAID have reserved ids

  register(family: GenericFamily, id?: number): number {
    while (this.#byId.has(this.#nextId)) this.#nextId++;
    const given = id ?? this.#nextId;
    this.#byId.set(given, family);
    for (const group of family.multicastGroups) {
      if (group.id !== CONTROL_ID) this.#lastGroup = Math.max(this.#lastGroup, group.id);
    }
    return given;
  }

  /** A number for a group of a family that is about to be registered. */
  takeGroup(): number {
    return ++this.#lastGroup;
  }

  byId(id: number): GenericFamily | undefined {
    return this.#byId.get(id);
  }

  entries(): Iterable<[number, GenericFamily]> {
    return this.#byId;
  }
}
