// Network namespaces for people: those in /run/netns, "host" for the first one, and for others, which are found by their
// processes and mounts as `scan` does, the lowest process id: "pid:1234", or what the mount is called.

import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import type { NetnsReference } from "../../system/system.ts";
import { NamespaceFinder } from "../scan/namespaces.ts";
import type { FoundNetns } from "../scan/namespaces.ts";

const DIRECTORY = "/run/netns";
/** What the namespace of the first process is called, unless one in /run/netns has that name. */
export const HOST = "host";

export interface Place {
  readonly name: string;
  readonly netns: NetnsReference;
  /** The command that runs another one there, for a namespace that `ip netns` does not know. */
  readonly enter?: string;
  /** Processes that are there, where those were looked for. */
  readonly pids?: readonly number[];
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

/** Namespaces that only processes or mounts lead to. */
export function unnamedPlaces(process: Process): readonly Place[] {
  const named = places(process);
  const known = new Set(named.map(({ netns }) => netns.inode));
  const taken = new Set(named.map(({ name }) => name));
  const found: Place[] = [];
  for (const one of new NamespaceFinder(process).find()) {
    const place = known.has(one.inode) ? undefined : unnamed(one, taken);
    if (place === undefined) continue;
    taken.add(place.name);
    found.push(place);
  }
  return found;
}

/** `taken`: names that are somebody else's, as those that another mount namespace has given. */
function unnamed(
  { reference, processes, mounts }: FoundNetns,
  taken: ReadonlySet<string>,
): Place | undefined {
  const pids = processes.map(({ pid }) => pid).sort((a, b) => a - b);
  const [pid] = pids;
  const [mount] = mounts;
  if (reference === undefined) return undefined;
  if (pid !== undefined) return { name: `pid:${pid}`, netns: reference, enter: `nsenter -t ${pid} -n`, pids };
  if (mount === undefined) return undefined;
  const last = mount.slice(mount.lastIndexOf("/") + 1);
  return { name: taken.has(last) ? mount : last, netns: reference, enter: `nsenter --net=${mount}` };
}

/** The place with a name, or the one that a process (PID, pid:PID) is in. */
export function findPlace(list: readonly Place[], name: string): Place | undefined {
  const pid = Number(/^(?:pid:)?(\d+)$/.exec(name)?.[1] ?? NaN);
  return list.find((one) => one.name === name) ?? list.find(({ pids }) => pids?.includes(pid));
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
