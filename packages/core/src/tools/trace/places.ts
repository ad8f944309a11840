// Names of network namespaces for people: those in /run/netns, "host" for the first one, and the inode number for others.

import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import type { NetnsReference } from "../../system/system.ts";

const DIRECTORY = "/run/netns";
/** What the namespace of the first process is called, unless one in /run/netns has that name. */
export const HOST = "host";

export interface Place {
  readonly name: string;
  readonly netns: NetnsReference;
}

/** The first namespace, then the named ones in the order of their names. */
export function places(process: Process): readonly Place[] {
  const { system } = process;
  let names: readonly string[] = [];
  try {
    names = [...process.files.readDirectory(DIRECTORY)].sort();
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal; // no namespace was ever named
  }
  const named: Place[] = [];
  for (const name of names) {
    try {
      named.push({ name, netns: system.openNetns(`${DIRECTORY}/${name}`, process) });
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal; // a file that is no namespace any more
    }
  }
  const host = names.includes(HOST) ? "(host)" : HOST;
  return [{ name: host, netns: system.initialNetns }, ...named];
}

/** Names by inode number; the first name of a namespace counts. */
export class PlaceNames {
  readonly #names = new Map<number, string>();

  constructor(list: readonly Place[]) {
    for (const { name, netns } of list) if (!this.#names.has(netns.inode)) this.#names.set(netns.inode, name);
  }

  of(inode: number): string {
    return this.#names.get(inode) ?? `netns:[${inode}]`;
  }
}
