// Takes note in the journal of everything that a system makes on the machine: devices as their requests pass, namespaces as
// they are named, and the files for those; rows of Open vSwitch's database as transactions pass; settings before they change.

import { existsSync, readFileSync, statSync } from "node:fs";
import { NetlinkClient } from "@patchcord/core/netlink/client.ts";
import { decodeError, decodeMessages, NLMSG } from "@patchcord/core/netlink/message.ts";
import { RTEXT_FILTER } from "@patchcord/core/netlink/rtnl/link-constants.ts";
import { decodeLink, encodeLink } from "@patchcord/core/netlink/rtnl/link.ts";
import type { LinkMessage } from "@patchcord/core/netlink/rtnl/link.ts";
import { RTM } from "@patchcord/core/netlink/rtnl/types.ts";
import type { StreamSocket } from "@patchcord/core/system/stream-sockets.ts";
import { isMalformed } from "@patchcord/core/wire/malformed.ts";
import { newEntries } from "./entry-creation.ts";
import type { NewEntry } from "./entry-creation.ts";
import type { Journal, JournalEntry } from "./journal.ts";
import { newLinks } from "./link-creation.ts";
import type { Destination, NewLink } from "./link-creation.ts";
import { LinuxNetlinkSocket } from "./netlink-socket.ts";
import type { LinuxNetns, NetworkNamespaces } from "./network-namespaces.ts";
import { watched } from "./ovsdb-watch.ts";

/** Links of a namespace: all, or the one with a name. */
export function linksOf(namespaces: NetworkNamespaces, netns: LinuxNetns, name?: string): LinkMessage[] {
  const socket = namespaces.within(netns, () => new LinuxNetlinkSocket(0, { sending: (bytes) => bytes }));
  try {
    const client = new NetlinkClient(socket);
    const body = encodeLink({
      extMask: RTEXT_FILTER.SKIP_STATS,
      ...(name === undefined ? {} : { ifname: name }),
    });
    const result = name === undefined ? client.dump(RTM.GETLINK, body) : client.request(RTM.GETLINK, 0, body);
    if (!result.ok) return [];
    return result.messages.flatMap((message) => {
      const link = decodeLink(message.body);
      return isMalformed(link) ? [] : [link];
    });
  } finally {
    socket.close();
  }
}

const SETTING = /^\/proc\/sys\/net\//;
/** Names of namespaces live in these directories. */
const NETNS_FILES = /^(?:\/var)?\/run\/netns(?:\/|$)/;

interface Announced {
  readonly link: NewLink;
  readonly netns: LinuxNetns;
  readonly above: number;
}

export class Ownership {
  readonly #journal: Journal;
  readonly #namespaces: NetworkNamespaces;
  /** Highest ifindex that was seen, by namespace. */
  readonly #highest = new Map<LinuxNetns, number>();
  /** Settings whose first value is noted. */
  readonly #settings = new Set<string>();

  /** Namespaces that got their names here, and go with all that is in them. */
  readonly #named = new Set<LinuxNetns>();

  constructor(journal: Journal, namespaces: NetworkNamespaces) {
    this.#journal = journal;
    this.#namespaces = namespaces;
  }

  /** One for each socket of a namespace. */
  watchSocket(netns: LinuxNetns): {
    sending(datagram: Uint8Array): void;
    received(datagram: Uint8Array): void;
  } {
    const pending = new Map<number, Announced[]>();
    const entries = new Map<number, NewEntry>();
    return {
      sending: (datagram) => {
        if (!this.#named.has(netns)) for (const entry of newEntries(datagram)) entries.set(entry.seq, entry);
        const announced = newLinks(datagram).flatMap((link) => this.#announce(link, netns));
        this.#journal.record(this.#announcements(announced));
        for (const each of announced)
          pending.set(each.link.seq, [...(pending.get(each.link.seq) ?? []), each]);
      },
      received: (datagram) => {
        if (pending.size === 0 && entries.size === 0) return;
        for (const message of decodeMessages(datagram).messages) {
          if (message.type !== NLMSG.ERROR) continue;
          const [announced, entry] = [pending.get(message.seq), entries.get(message.seq)];
          pending.delete(message.seq);
          entries.delete(message.seq);
          const verdict = decodeError(message);
          if (isMalformed(verdict) || verdict.errno !== 0) continue;
          if (announced) this.#confirm(announced);
          if (entry) this.#added(entry, netns);
        }
      },
    };
  }

  /** Nothing if the name is taken there: the request will be refused, and the device is not ours. */
  #announce(link: NewLink, socketNetns: LinuxNetns): Announced[] {
    const netns = this.#destination(link.into, socketNetns);
    if (netns === undefined) return [];
    if (link.name !== "" && linksOf(this.#namespaces, netns, link.name).length > 0) return [];
    let above = this.#highest.get(netns);
    if (above === undefined) {
      above = Math.max(0, ...linksOf(this.#namespaces, netns).map(({ index }) => index));
      this.#highest.set(netns, above);
    }
    return [{ link, netns, above }];
  }

  #announcements(announced: readonly Announced[]): JournalEntry[] {
    return announced.map(({ link: { name, kind }, netns, above }) => ({
      type: "link",
      netns: this.#namespaces.cookieOf(netns),
      name,
      kind,
      above,
    }));
  }

  #destination(into: Destination, socketNetns: LinuxNetns): LinuxNetns | undefined {
    if (into === undefined) return socketNetns;
    if ("descriptor" in into) return this.#namespaces.ofDescriptor(into.descriptor);
    try {
      return this.#namespaces.open(`/proc/${into.pid}/ns/net`);
    } catch {
      return undefined; // there is no such process: the request will be refused
    }
  }

  #confirm(announced: readonly Announced[]): void {
    const entries = announced.flatMap(({ link: { name, kind }, netns, above }) => {
      const highest = this.#highest.get(netns) ?? above;
      const found = linksOf(this.#namespaces, netns, name === "" ? undefined : name).filter(
        ({ index, linkinfo }) => index > (name === "" ? highest : above) && linkinfo?.kind === kind,
      );
      return found.map(({ index, ifname = name }) => {
        this.#highest.set(netns, Math.max(this.#highest.get(netns) ?? 0, index));
        const cookie = this.#namespaces.cookieOf(netns);
        return { type: "link" as const, netns: cookie, name: ifname, kind, above, made: index };
      });
    });
    this.#journal.record(entries);
  }

  /** An entry goes with its device or namespace; else with a cleanup. */
  #added({ kind, body }: NewEntry, netns: LinuxNetns): void {
    const request = Buffer.from(body).toString("base64");
    this.#journal.record([{ type: "entry", kind, netns: this.#namespaces.cookieOf(netns), request }]);
  }

  /** A device that is made by other means than rtnetlink: TUN and TAP by opening a file. */
  makingTun<T extends { readonly name: string }>(netns: LinuxNetns, name: string, make: () => T): T {
    const announced = this.#announce({ name, kind: "tun", into: undefined, seq: 0 }, netns);
    this.#journal.record(this.#announcements(announced));
    const made = make();
    this.#confirm(announced.map((each) => ({ ...each, link: { ...each.link, name: made.name } })));
    return made;
  }

  /** A connection to a unix socket: what is made in a database of Open vSwitch is noted. */
  watchingStream(socket: StreamSocket, path: string): StreamSocket {
    return watched(socket, path, (rows) =>
      this.#journal.record(
        rows.map(({ table, name, uuid }) => ({ type: "ovs", socket: path, table, name, made: uuid })),
      ),
    );
  }

  /** Before a file is written. Settings of a namespace that was not made here are set back by a cleanup. */
  writing(path: string, netns: LinuxNetns): void {
    if (!SETTING.test(path)) return;
    const cookie = this.#namespaces.cookieOf(netns);
    const key = `${cookie} ${path}`;
    if (this.#settings.has(key)) return;
    this.#settings.add(key);
    let before: string;
    try {
      before = this.#namespaces.within(netns, () => readFileSync(path, "latin1"));
    } catch {
      return; // the write will fail, or it is one that cannot be read
    }
    this.#journal.record([{ type: "setting", path, netns: cookie, before }]);
  }

  /** Before a namespace is mounted at a path. */
  naming(path: string, netns: LinuxNetns): void {
    this.#named.add(netns);
    this.#journal.record([{ type: "netns", path, netns: this.#namespaces.cookieOf(netns) }]);
  }

  /** Before /run/netns is mounted on itself. */
  sharing(path: string): void {
    this.#journal.record([{ type: "share", path }]);
  }

  /** Makes a file or directory for the name of a namespace, with a note before and after; others without. */
  making<T>(path: string, type: "file" | "directory", make: () => T): T {
    if (!NETNS_FILES.test(path) || existsSync(path)) return make();
    const since = Date.now() - CLOCK_GRAIN;
    this.#journal.record([{ type, path, since }]);
    const made = make();
    this.#journal.record([{ type, path, since, made: statSync(path).ino }]);
    return made;
  }
}

/** File times are those of the last tick, which may be this much earlier, milliseconds. */
const CLOCK_GRAIN = 20;
