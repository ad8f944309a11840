// Takes note in the journal of everything that a system makes on the machine: devices as their requests pass, namespaces as
// they are named, and the files for those; rows of Open vSwitch's database as transactions pass; settings before they change.

import { existsSync, readFileSync, statSync } from "node:fs";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import { decodeError, decodeMessages, NLMSG } from "@patchcord/core/netlink/message.ts";
import type { StreamSocket } from "@patchcord/core/system/stream-sockets.ts";
import type { LinkMessage } from "@patchcord/core/netlink/rtnl/link.ts";
import { isMalformed } from "@patchcord/core/wire/malformed.ts";
import type { IoctlRequest } from "@patchcord/core/system/system.ts";
import { ETHTOOL_FAMILY, ethtoolScopes } from "./ethtool-settings.ts";
import { lookSysctls } from "./device-sysctls.ts";
import type { DeviceSysctls } from "./device-sysctls.ts";
import { familyNumber } from "../generic-family.ts";
import type { Journal, JournalEntry, NetnsCookie } from "./journal.ts";
import { asking, linksOf } from "../kernel-client.ts";
import { datapathScopes, devicesGone } from "./kernel-datapaths.ts";
import type { FamilyNumber } from "./kernel-datapaths.ts";
import { flowScopes } from "./kernel-flows.ts";
import { markLinks } from "./marks.ts";
import type { Mark } from "./marks.ts";
import { farEndOf } from "./far-ends.ts";
import { indexOf, lookLink, masterOf } from "./link-settings.ts";
import { goneWith } from "./deleted-links.ts";
import { newLinks } from "./link-creation.ts";
import type { Destination, NewLink } from "./link-creation.ts";
import type { LinuxNetns, NetworkNamespaces } from "../network-namespaces.ts";
import { OvsOwnership } from "./ovs-ownership.ts";
import { ioctlScopes } from "./ioctl-changes.ts";
import { changesOf, movesOf } from "./rtnl-changes.ts";
import type { Move, RtnlChange } from "./rtnl-changes.ts";
import { lostByDeletion } from "./scopes.ts";
import type { Devices, Scope } from "./scopes.ts";
import { look } from "./undo.ts";

const SETTING = /^\/(?:proc\/sys\/net|sys\/(?:class|devices\/virtual)\/net\/[^/]+)\/(?!uevent$)/;
const SIOCBRADDBR = 0x89a0;
/** Names of namespaces live in these directories. */
const NETNS_FILES = /^(?:\/var)?\/run\/netns(?:\/|$)/;

const NOTHING: RtnlChange = { scopes: [], into: undefined };

interface Announced {
  readonly link: NewLink;
  /** Its name, or the one that the kernel will choose. */
  readonly name: string;
  readonly netns: LinuxNetns;
  readonly above: number;
}

/** Whether the kernel chooses a name, or the number in it. */
const isChosen = (name: string): boolean => name === "" || name.includes("%d");

export class Ownership {
  readonly #journal: Journal;
  readonly #namespaces: NetworkNamespaces;
  /** Highest ifindex that was seen, by namespace. */
  readonly #highest = new Map<NetnsCookie, number>();
  /** Settings whose first value is noted. */
  readonly #settings = new Set<string>();

  /** Namespaces that were made here, and go with all that is in them. */
  readonly #ours = new Set<NetnsCookie>();
  /** Paths where a namespace was mounted here. */
  readonly #names = new Set<string>();
  /** Devices that were made here, by their indexes. */
  readonly #made = new Map<NetnsCookie, Set<number>>();

  /** Where the other ends of cables were found. */
  readonly #far = new Map<NetnsCookie, LinuxNetns>();

  readonly #openVswitch: OvsOwnership;
  /** Numbers of families of generic netlink that were asked for; a module may bring one later. */
  readonly #families = new Map<string, number>();

  /** What new things are marked with. */
  readonly #mark: Mark | undefined;

  constructor(journal: Journal, namespaces: NetworkNamespaces, mark?: Mark) {
    this.#journal = journal;
    this.#mark = mark;
    this.#openVswitch = new OvsOwnership(journal, mark);
    this.#namespaces = namespaces;
  }

  /** One for each socket of a namespace. */
  watchSocket(netns: LinuxNetns): {
    sending(datagram: Uint8Array): void;
    sent(): void;
    received(datagram: Uint8Array): void;
  } {
    const pending = new Map<number, Announced[]>();
    let changed = (): void => {};
    return {
      sending: (datagram) => {
        const announced: Announced[] = [];
        for (const link of newLinks(datagram)) announced.push(...this.#announce(link, netns, announced));
        this.#journal.record(this.#announcements(announced));
        for (const each of announced)
          pending.set(each.link.seq, [...(pending.get(each.link.seq) ?? []), each]);
        const moved = this.#moving(netns, movesOf(datagram, this.#devices(netns)));
        const altered = this.#changing(netns, () => changesOf(datagram, this.#devices(netns)));
        changed = () => {
          moved();
          altered();
        };
      },
      sent: () => changed(),
      received: (datagram) => {
        if (pending.size === 0) return;
        for (const message of decodeMessages(datagram).messages) {
          if (message.type !== NLMSG.ERROR) continue;
          const announced = pending.get(message.seq);
          pending.delete(message.seq);
          const verdict = decodeError(message);
          if (announced && !isMalformed(verdict) && verdict.errno === 0) this.#confirm(announced);
        }
      },
    };
  }

  /** One for each socket of generic netlink, which ethtool's settings and datapaths of Open vSwitch go over. */
  watchGenericSocket(netns: LinuxNetns): { sending(datagram: Uint8Array): void; sent(): void } {
    const numberOf = (name: string): number | undefined => {
      const number =
        this.#families.get(name) ??
        asking(this.#namespaces, netns, (_, generic) => familyNumber(generic(), name));
      if (number !== undefined) this.#families.set(name, number);
      return number;
    };
    let changed = (): void => {};
    return {
      sending: (datagram) => {
        changed = this.#changing(netns, () => ({
          scopes: [
            ...ethtoolScopes(datagram, () => numberOf(ETHTOOL_FAMILY), this.#devices(netns)),
            ...datapathScopes(datagram, numberOf),
            ...this.#lostWithPorts(netns, datagram, numberOf),
            ...flowScopes(
              datagram,
              numberOf,
              (wanted) => linksOf(this.#namespaces, netns).find(({ index }) => index === wanted)?.ifname,
            ),
          ],
          into: undefined,
        }));
      },
      sent: () => changed(),
    };
  }

  /** What goes with the devices that a datapath has made for its ports. */
  #lostWithPorts(netns: LinuxNetns, datagram: Uint8Array, numberOf: FamilyNumber): Scope[] {
    if (datapathScopes(datagram, numberOf).length === 0) return [];
    const gone = asking(this.#namespaces, netns, (_, generic) => devicesGone(datagram, numberOf, generic()));
    return gone.flatMap((index) => lostByDeletion(index, this.#devices(netns)));
  }

  /** Namespaces are known by this: when no process uses one it is closed, and opened anew for the next. */
  #cookieOf(netns: LinuxNetns): NetnsCookie {
    return this.#namespaces.cookieOf(netns);
  }

  #devices(netns: LinuxNetns): Devices {
    const links = (name?: string): LinkMessage[] => linksOf(this.#namespaces, netns, name);
    return {
      isOwn: (index) => this.#made.get(this.#cookieOf(netns))?.has(index) === true,
      indexOf: (name) => links(name)[0]?.index,
      masterOf: (wanted) => asking(this.#namespaces, netns, (client) => masterOf(lookLink(client, wanted))),
      inGroup: (wanted) => links().flatMap(({ index, group }) => (group === wanted ? [index] : [])),
      portsOf: (wanted) => links().flatMap(({ index, master }) => (master === wanted ? [index] : [])),
      goneWith: (index) => goneWith(index, links()),
      farEnd: (index) => {
        const link = links().find((each) => each.index === index);
        const far = link && farEndOf(this.#namespaces, netns, link);
        if (far === undefined) return undefined;
        this.#far.set(this.#cookieOf(far.netns), far.netns);
        return { netns: this.#cookieOf(far.netns), link: Buffer.from(far.link).toString("base64") };
      },
    };
  }

  /** What goes with the other ends of cables that are deleted: before the entry about the near ends, which make them again. */
  #changesFar(scopes: readonly Scope[]): JournalEntry[] {
    return scopes.flatMap((scope): JournalEntry[] => {
      const far = scope.kind === "link" ? scope.far : undefined;
      const netns = far && this.#far.get(far.netns);
      if (far === undefined || netns === undefined || this.#ours.has(far.netns)) return [];
      const index = indexOf(Buffer.from(far.link, "base64"));
      const lost = lostByDeletion(index, { ...this.#devices(netns), farEnd: () => undefined });
      const before = this.#looks(netns, lost);
      return [
        { type: "change", netns: far.netns, scopes: lost, before, ...this.#sysctls(netns, lost, false) },
      ];
    });
  }

  /** Of devices that leave the namespace. */
  #sysctls(
    netns: LinuxNetns,
    scopes: readonly Scope[],
    moves: boolean,
  ): { readonly sysctls?: Readonly<Record<number, DeviceSysctls>> } {
    const leaving = scopes.flatMap((scope) =>
      scope.kind === "link" && (moves || scope.deleted === true) ? [scope.index] : [],
    );
    if (leaving.length === 0) return {};
    const links = linksOf(this.#namespaces, netns);
    const found = leaving.flatMap((index): [number, DeviceSysctls][] => {
      const name = links.find((each) => each.index === index)?.ifname;
      const values = name === undefined ? {} : lookSysctls(this.#namespaces, netns, name);
      return Object.keys(values).length === 0 ? [] : [[index, values]];
    });
    return found.length === 0 ? {} : { sysctls: Object.fromEntries(found) };
  }

  #looks(netns: LinuxNetns, scopes: readonly Scope[]): string[][] {
    return asking(this.#namespaces, netns, (client, generic) =>
      scopes.map((scope) => look(client, generic, scope)),
    );
  }

  /** Takes note of what a request is about to change of others; to be called again right after it. */
  #changing(netns: LinuxNetns, changes: () => RtnlChange): () => void {
    const { scopes, into } = this.#ours.has(this.#cookieOf(netns)) ? NOTHING : changes();
    if (scopes.length === 0) return () => {};
    const looks = (): string[][] => this.#looks(netns, scopes);
    const there = into === undefined ? undefined : this.#destination(into, netns);
    this.#journal.record([
      ...this.#changesFar(scopes),
      {
        type: "change",
        netns: this.#cookieOf(netns),
        scopes,
        before: looks(),
        ...(there === undefined ? {} : { into: this.#cookieOf(there) }),
        ...this.#sysctls(netns, scopes, into !== undefined),
      },
    ]);
    return () => this.#journal.record([{ type: "changed", after: looks() }]);
  }

  /** Devices of our own that go to another namespace stay ours there; to be called again right after the request. */
  #moving(netns: LinuxNetns, moves: readonly Move[]): () => void {
    if (moves.length === 0) return () => {};
    const here = linksOf(this.#namespaces, netns);
    const announced = moves.flatMap(({ index, name, into }) => {
      const link = here.find((each) => each.index === index);
      if (link?.ifname === undefined) return [];
      const { ifname, linkinfo } = link;
      const moved = { name: name ?? ifname, kind: linkinfo?.kind ?? "", into, seq: 0 };
      // It keeps its number, unless that is taken: then it gets one above all that were given.
      return this.#announce(moved, netns).map((each) => ({
        ...each,
        above: Math.min(each.above, index - 1),
      }));
    });
    this.#journal.record(this.#announcements(announced));
    return () => this.#confirm(announced);
  }

  /** Nothing if the name is taken there: the request will be refused, and the device is not ours. */
  #announce(link: NewLink, socketNetns: LinuxNetns, before: readonly Announced[] = []): Announced[] {
    const netns = this.#destination(link.into, socketNetns);
    if (netns === undefined) return [];
    const cookie = this.#cookieOf(netns);
    let { name } = link;
    if (isChosen(name)) {
      const others = before.filter((each) => this.#cookieOf(each.netns) === cookie);
      name = this.#nextName(netns, name === "" ? `${link.kind}%d` : name, others);
    } else if (linksOf(this.#namespaces, netns, name).length > 0) return [];
    let above = this.#highest.get(cookie);
    if (above === undefined) {
      above = Math.max(0, ...linksOf(this.#namespaces, netns).map(({ index }) => index));
      this.#highest.set(cookie, above);
    }
    return [{ link, name, netns, above }];
  }

  /** The name that the kernel gives to the next device (__dev_alloc_name): with the lowest number that is free. */
  #nextName(netns: LinuxNetns, template: string, before: readonly Announced[]): string {
    const taken = new Set(before.map(({ name }) => name));
    for (const { ifname, propList } of linksOf(this.#namespaces, netns))
      for (const each of [ifname ?? "", ...(propList?.altIfname ?? [])]) taken.add(each);
    for (let number = 0; ; number++) {
      const name = template.replace("%d", String(number));
      if (!taken.has(name)) return name;
    }
  }

  #announcements(announced: readonly Announced[]): JournalEntry[] {
    return announced.map(({ link: { kind }, name, netns, above }) => ({
      type: "link",
      netns: this.#cookieOf(netns),
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
      const cookie = this.#cookieOf(netns);
      const highest = this.#highest.get(cookie) ?? above;
      const chosen = isChosen(name);
      const found = linksOf(this.#namespaces, netns, chosen ? undefined : name).filter(
        ({ index, linkinfo }) => index > (chosen ? highest : above) && linkinfo?.kind === kind,
      );
      const mark = this.#mark;
      if (mark !== undefined)
        asking(this.#namespaces, netns, (client) => {
          markLinks(
            client,
            found.map(({ index }) => index),
            mark,
          );
        });
      return found.map(({ index, ifname = name }) => {
        this.#highest.set(cookie, Math.max(this.#highest.get(cookie) ?? 0, index));
        this.#made.set(cookie, (this.#made.get(cookie) ?? new Set()).add(index));
        return { type: "link" as const, netns: cookie, name: ifname, kind, above, made: index };
      });
    });
    this.#journal.record(entries);
  }

  /** A device that is made by other means than rtnetlink: TUN and TAP by opening a file, bridges by ioctl. */
  #makingLink<T>(
    netns: LinuxNetns,
    name: string,
    kind: string,
    make: () => T,
    nameOf: (made: T) => string,
  ): T {
    const announced = this.#announce({ name, kind, into: undefined, seq: 0 }, netns);
    this.#journal.record(this.#announcements(announced));
    const made = make();
    this.#confirm(announced.map((each) => ({ ...each, link: { ...each.link, name: nameOf(made) } })));
    return made;
  }

  /**
   * Before a program lets go of a TUN or TAP device that it has not made, which then goes with its last file. To be called again
   * after that.
   */
  losingTun(netns: LinuxNetns, name: string): () => void {
    return this.#changing(netns, () => {
      const devices = this.#devices(netns);
      const index = devices.indexOf(name) ?? 0;
      const gone = index > 0 && !devices.isOwn(index);
      return { scopes: gone ? lostByDeletion(index, devices) : [], into: undefined };
    });
  }

  makingTun<T extends { readonly name: string }>(netns: LinuxNetns, name: string, make: () => T): T {
    return this.#makingLink(netns, name, "tun", make, (made) => made.name);
  }

  /** What an ioctl makes and changes. */
  ioctl(netns: LinuxNetns, request: IoctlRequest, call: () => void): void {
    if (request.number === SIOCBRADDBR) {
      const name = new TextDecoder().decode(request.data).replace(/\0.*/s, "");
      this.#makingLink(netns, name, "bridge", call, () => name);
      return;
    }
    const changed = this.#changing(netns, () => ({
      scopes: ioctlScopes(request, this.#devices(netns)),
      into: undefined,
    }));
    try {
      call();
    } finally {
      changed();
    }
  }

  /** A connection to a unix socket, which may be one to Open vSwitch. */
  watchingStream(socket: StreamSocket, path: string): StreamSocket {
    return this.#openVswitch.watching(socket, path);
  }

  /** Before a file is written. Settings of a namespace that was not made here are set back by a cleanup. */
  writing(path: string, netns: LinuxNetns): void {
    if (!SETTING.test(path)) return;
    const cookie = this.#cookieOf(netns);
    const key = `${cookie} ${path}`;
    if (this.#settings.has(key)) return;
    let before: string;
    try {
      const file = this.#namespaces.pathIn(netns, path);
      before = this.#namespaces.within(netns, () => readFileSync(file, "latin1"));
    } catch {
      return; // the write will fail, or it is one that cannot be read
    }
    this.#journal.record([{ type: "setting", path, netns: cookie, before }]);
    this.#settings.add(key);
  }

  /** A namespace that ends with the program's processes, unless it gets a name. */
  created(netns: LinuxNetns): void {
    this.#ours.add(this.#cookieOf(netns));
  }

  /** Before a namespace is mounted at a path. */
  naming(path: string, netns: LinuxNetns): void {
    const attached = this.#ours.has(this.#cookieOf(netns)) ? {} : { attached: true as const };
    this.#journal.record([{ type: "netns", path, netns: this.#cookieOf(netns), ...attached }]);
    this.#names.add(path);
  }

  /** Before something is unmounted. */
  unmounting(path: string): void {
    if (!NETNS_FILES.test(path) || this.#names.delete(path)) return;
    let netns;
    try {
      netns = this.#namespaces.open(path);
    } catch (refusal) {
      if (refusal instanceof Refusal) return; // it is no namespace
      throw refusal;
    }
    this.#journal.record([{ type: "unnamed", path, netns: this.#cookieOf(netns) }]);
  }

  /** Before a control group is made. */
  makingGroup(path: string): void {
    this.#journal.record([{ type: "control group", path }]);
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
