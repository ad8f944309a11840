// Named network namespaces: files in /run/netns, and the ids (nsid) that the present namespace has given to others.

import { Refusal } from "../../netlink/refusal.ts";
import { decodeNsid, encodeNsid } from "../../netlink/rtnl/nsid.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import type { Process } from "../../system/process.ts";
import type { NetnsReference } from "../../system/system.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { Rtnl } from "./rtnl.ts";

export const NETNS_DIRECTORY = "/run/netns";

/** Path of a namespace: a name is one in /run/netns, something with "/" is a path. */
export function netnsPath(name: string): string {
  return name.includes("/") ? name : `${NETNS_DIRECTORY}/${name}`;
}

/** `attempt`'s result, or undefined with the errno if the system refused. */
export function attempt<T>(
  call: () => T,
): { readonly value: T } | { readonly value?: undefined; readonly errno: number } {
  try {
    return { value: call() };
  } catch (refusal) {
    if (refusal instanceof Refusal) return { errno: refusal.errno };
    throw refusal;
  }
}

export class NetnsNames {
  readonly #process: Process;
  readonly #rtnl: Rtnl;
  #byId: Map<number, string> | undefined;

  constructor(process: Process, rtnl: Rtnl) {
    this.#process = process;
    this.#rtnl = rtnl;
  }

  /** Names in the directory's order; undefined if there is no directory. */
  list(): string[] | undefined {
    return attempt(() => this.#process.files.readDirectory(NETNS_DIRECTORY)).value;
  }

  /** Opens a named namespace; undefined if it cannot be opened. */
  open(name: string): NetnsReference | undefined {
    return attempt(() => this.#process.system.openNetns(netnsPath(name), this.#process)).value;
  }

  /** A descriptor of a named namespace for a request; undefined if it cannot be opened. */
  descriptor(name: string): number | undefined {
    const netns = this.open(name);
    return netns === undefined ? undefined : this.#rtnl.socket.netnsDescriptor(netns);
  }

  /** The id of a named namespace; undefined if it has none or does not exist. */
  id(name: string): number | undefined {
    const fd = this.descriptor(name);
    return fd === undefined ? undefined : this.#askId(fd);
  }

  #askId(fd: number): number | undefined {
    const result = this.#rtnl.ask(RTM.GETNSID, 0, encodeNsid({ fd }));
    const [answer] = result.ok ? result.messages : [];
    const decoded = answer === undefined ? undefined : decodeNsid(answer.body);
    if (decoded === undefined || isMalformed(decoded)) return undefined;
    return decoded.nsid === undefined || decoded.nsid < 0 ? undefined : decoded.nsid;
  }

  /** The id of a named namespace, given now if it has none; undefined if it does not exist. */
  idOrNew(name: string): number | undefined {
    const known = this.id(name);
    if (known !== undefined) return known;
    const fd = this.descriptor(name);
    if (fd === undefined) return undefined;
    this.#rtnl.talk(RTM.NEWNSID, 0, encodeNsid({ fd, nsid: -1 }));
    return this.id(name);
  }

  /** The name of the namespace with this id; undefined if none of those in /run/netns has it. */
  nameOf(nsid: number): string | undefined {
    if (this.#byId === undefined) this.load();
    return this.#byId?.get(nsid);
  }

  /** Asks for the ids of all names. Done when the first one is needed, or when something watches for changes. */
  load(): void {
    const names = new Map<number, string>();
    for (const name of this.list() ?? []) {
      const id = this.id(name);
      if (id !== undefined && !names.has(id)) names.set(id, name);
    }
    this.#byId = names;
  }
}
