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

export class GenericFamilies {
  readonly #byId = new Map<number, GenericFamily>();
  #nextId: number;
  #nextGroup: number;

  /** From which numbers on families that come with modules get theirs: others are there before. */
  constructor(first: { readonly family: number; readonly group: number }) {
    this.#nextId = first.family;
    this.#nextGroup = first.group;
  }

  register(family: GenericFamily, id?: number): number {
    const given = id ?? this.#nextId++;
    this.#byId.set(given, family);
    return given;
  }

  /** A number for a group of a family that is about to be registered. */
  takeGroup(): number {
    return this.#nextGroup++;
  }

  byId(id: number): GenericFamily | undefined {
    return this.#byId.get(id);
  }

  entries(): Iterable<[number, GenericFamily]> {
    return this.#byId;
  }
}
