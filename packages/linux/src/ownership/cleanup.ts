// Takes away what the journals of ended processes say was made, and nothing else. Everything is looked up by an identity
// that is never used twice (journal.ts); what no longer is what it was is left alone. Devices go as one link group
// a namespace: the kernel then waits once for all of them.

import { lstatSync, readdirSync, readFileSync, rmdirSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import { ERRNO, strerror } from "@patchcord/core/netlink/errno.ts";
import { encodeLink } from "@patchcord/core/netlink/rtnl/link.ts";
import type { LinkMessage } from "@patchcord/core/netlink/rtnl/link.ts";
import { RTM } from "@patchcord/core/netlink/rtnl/types.ts";
import { undoControlled } from "./datapath-control.ts";
import { OvsdbSweep } from "./cleanup-ovsdb.ts";
import { bootId, Journal, JOURNAL_DIRECTORY, startOf } from "./journal.ts";
import type { JournalEntry } from "./journal.ts";
import { asking, linksOf } from "../kernel-client.ts";
import { findMarked } from "./marked.ts";
import type { Marked } from "./marked.ts";
import { leaveBridges } from "./leaving-ports.ts";
import { libc } from "../libc.ts";
import { NetworkNamespaces } from "../network-namespaces.ts";
import type { LinuxNetns } from "../network-namespaces.ts";
import { removeVrfGroup, vrfGroupIsThere } from "../vrf-cgroup.ts";
import { bridgeChangesIn, flowsToReset, undoFlows } from "./undo-openflow.ts";
import { UndoRequests } from "./undo-requests.ts";
import { changesIn, Undo } from "./undo.ts";

export interface CleanupOptions {
  /** Also what running processes have made. */
  readonly all: boolean;
  /** Only tell. */
  readonly dryRun: boolean;
  /** Also what bears a mark (marks.ts), whatever the journals say of it. */
  readonly marked?: boolean;
  readonly directory?: string;
}

export interface CleanupReport {
  readonly removed: readonly string[];
  /** What others own and was changed or taken away, and is as it was again. */
  readonly restored: readonly string[];
  /** What others owned and nobody can make again. */
  readonly lost: readonly string[];
  /** What should have gone and could not, with the kernel's words. */
  readonly failed: readonly string[];
  /** Journals of processes that still run. */
  readonly running: readonly number[];
}

type Entry<T extends JournalEntry["type"]> = Extract<JournalEntry, { readonly type: T }>;

interface FoundJournal {
  readonly path: string;
  readonly entries: readonly JournalEntry[];
}

const MNT_DETACH = 2;
const MS_BIND = 0x1000;
/** Acknowledgements of so many requests fit the receive buffer. */
const PIPELINE = 200;
/** Group that devices are put into to go together; any number that nobody else uses for the length of the call. */
const LEAVING_GROUP = 0x7063_6c6e;

/** A killed process may have left half a line. */
function entriesOf(text: string): JournalEntry[] {
  return text.split("\n").flatMap((line) => {
    try {
      const entry: unknown = line === "" ? undefined : JSON.parse(line);
      return typeof entry === "object" && entry !== null ? [entry as JournalEntry] : [];
    } catch {
      return [];
    }
  });
}

function names(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** What a process with its number and the time called a journal. */
const JOURNAL = /^\d+-(\d+)\.jsonl$/;

/** Names of the files that may be journals, the oldest first. `failed` hears why there may be others. */
function journalsIn(directory: string, failed: string[]): string[] {
  const found: string[] = [];
  const problem = attempt(() => {
    for (const each of readdirSync(directory, { withFileTypes: true }))
      if (each.isFile() && JOURNAL.test(each.name)) found.push(each.name);
  });
  if (problem !== undefined && problem !== strerror(ERRNO.ENOENT)) failed.push(`${directory}: ${problem}`);
  const age = (name: string): number => Number(JOURNAL.exec(name)?.[1] ?? 0);
  return found.sort((a, b) => age(a) - age(b));
}

export function cleanup({
  all,
  dryRun,
  marked = false,
  directory = JOURNAL_DIRECTORY,
}: CleanupOptions): CleanupReport {
  const running: number[] = [];
  const journals: FoundJournal[] = [];
  const unread: string[] = [];
  for (const name of journalsIn(directory, unread)) {
    const path = join(directory, name);
    let text = "";
    const problem = attempt(() => (text = readFileSync(path, "utf8")));
    if (problem !== undefined) {
      unread.push(`${path}: ${problem}`);
      continue;
    }
    const entries = entriesOf(text);
    const pid = runningWriter(name, text, entries);
    if (pid !== undefined && pid !== process.pid) {
      running.push(pid);
      if (!all) continue;
    }
    journals.push({ path, entries });
  }
  // What a cleanup does for the time being is taken note of, too: it may be killed.
  const own = new Journal(directory);
  const sweep = new Sweep(own, dryRun);
  const boot = bootId();
  // What was made before the machine started anew is gone.
  const alive = journals.filter(({ entries: [start] }) => start?.type !== "start" || start.boot === boot);
  const found = marked ? sweep.findMarked(all) : { entries: [], running: [] };
  running.push(...found.running.filter((pid) => !running.includes(pid)));
  sweep.run([...alive.flatMap(({ entries }) => entries), ...found.entries]);
  if (!dryRun && sweep.failed.length === 0) {
    for (const { path } of journals) unlinkSync(path);
    if (own.path !== undefined) unlinkSync(own.path);
    attempt(() => rmdirSync(directory));
  }
  const { removed, restored, lost, failed } = sweep;
  return { removed, restored, lost, failed: [...unread, ...failed], running };
}

/** The process that writes a journal, if it runs; it may not have come to the first line yet. */
function runningWriter(name: string, text: string, [start]: readonly JournalEntry[]): number | undefined {
  if (start?.type !== "start" && text.includes("\n")) return undefined; // no journal, or one that nobody can read
  const pid = start?.type === "start" ? start.pid : Number.parseInt(name, 10);
  const started = startOf(pid);
  if (started === undefined || (start?.type === "start" && started !== start.started)) return undefined;
  return pid;
}

function attempt(call: () => unknown): string | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return strerror(error.errno);
    const { errno } = error as NodeJS.ErrnoException;
    if (typeof errno === "number") return strerror(-errno);
    throw error;
  }
}

class Sweep {
  readonly removed: string[] = [];
  readonly restored: string[] = [];
  readonly lost: string[] = [];
  readonly failed: string[] = [];
  readonly #journal: Journal;
  readonly #dryRun: boolean;
  readonly #namespaces = new NetworkNamespaces();
  readonly #byCookie = new Map<string, LinuxNetns>();

  constructor(journal: Journal, dryRun: boolean) {
    this.#journal = journal;
    this.#dryRun = dryRun;
  }

  findMarked(all: boolean): Marked {
    this.#findNamespaces();
    const sockets = [`${process.env["OVS_RUNDIR"] ?? "/var/run/openvswitch"}/db.sock`];
    return findMarked(this.#namespaces, this.#byCookie.values(), sockets, all);
  }

  run(journaled: readonly JournalEntry[]): void {
    if (journaled.length === 0) return;
    this.#findNamespaces();
    const entries = [...journaled];
    const noting = (...more: readonly JournalEntry[]): void => {
      if (this.#dryRun) return;
      this.#journal.record(more);
      entries.push(...more);
    };
    const of = <T extends JournalEntry["type"]>(type: T): Entry<T>[] =>
      entries.filter((entry): entry is Entry<T> => entry.type === type);
    noting(...flowsToReset(bridgeChangesIn(entries)));
    const flows = bridgeChangesIn(entries);
    const openVswitch = new OvsdbSweep(this, this.#dryRun);
    openVswitch.run(entries);
    const named = of("netns").filter((entry) => this.#isMounted(entry));
    const leaving = new Set(named.flatMap(({ netns, attached }) => (attached ? [] : [netns])));
    if (!this.#dryRun)
      for (const [netns, list] of this.#linksByNetns(of("link"), leaving))
        leaveBridges(this.#namespaces, netns, this.#oursIn(netns, list), noting);
    this.#undo(entries, leaving);
    for (const [netns, list] of this.#linksByNetns(of("link"), leaving)) this.#removeLinks(netns, list);
    undoControlled(entries, this, this.#dryRun);
    if (flows.length > 0) openVswitch.settle();
    undoFlows(flows, this, this.#dryRun);
    this.#restoreSettings(of("setting").filter(({ netns }) => !leaving.has(netns)));
    // Another run may have given the same name.
    for (const entry of named)
      if (this.#dryRun || this.#isMounted(entry))
        this.#do(`namespace ${entry.path}`, () => libc.umount2(entry.path, MNT_DETACH));
    for (const entry of of("file")) this.#removeFile(entry);
    for (const { path } of of("share").reverse()) this.#unshare(path);
    for (const entry of of("directory").reverse()) this.#removeDirectory(entry);
    for (const path of new Set(of("control group").map((entry) => entry.path))) this.#removeGroup(path);
    const ours = new Set(of("netns").map(({ path, netns }) => `${path} ${netns}`));
    for (const entry of of("unnamed")) if (!ours.has(`${entry.path} ${entry.netns}`)) this.#nameAgain(entry);
  }

  #do(what: string, call: () => void): void {
    const refused = this.#dryRun ? undefined : attempt(call);
    if (refused === undefined) this.removed.push(what);
    else this.failed.push(`${what}: ${refused}`);
  }

  /** Every namespace that has a name or a process. */
  #findNamespaces(): void {
    const paths = [
      ...names("/run/netns").map((name) => `/run/netns/${name}`),
      ...names("/proc")
        .filter((name) => /^\d+$/.test(name))
        .map((pid) => `/proc/${pid}/ns/net`),
    ];
    const add = (netns: LinuxNetns): void => {
      this.#byCookie.set(this.#namespaces.cookieOf(netns), netns);
    };
    add(this.#namespaces.home);
    for (const path of paths) attempt(() => add(this.#namespaces.open(path)));
  }

  #undo(entries: readonly JournalEntry[], leaving: ReadonlySet<string>): void {
    const made = new Set(
      entries.flatMap((each) => (each.type === "link" ? [`${each.netns} ${each.made}`] : [])),
    );
    const place = {
      namespaces: this.#namespaces,
      byCookie: this.#byCookie,
      again: new Set(
        entries.flatMap((each) => (each.type === "again" ? [`${each.netns} ${each.index}`] : [])),
      ),
      makingAgain: (netns: string, index: number) => this.#journal.record([{ type: "again", netns, index }]),
      isOurs: (netns: string, index: number) => made.has(`${netns} ${index}`),
      release: (cookie: string, name: string) => {
        const netns = this.#byCookie.get(cookie);
        const links = entries.filter((each) => each.type === "link" && each.netns === cookie);
        if (netns !== undefined) this.#removeLinks(netns, links as Entry<"link">[], name);
      },
    };
    const undo = new Undo(place, new UndoRequests(this, this.#dryRun));
    undo.run(changesIn(entries).filter(({ netns }) => !leaving.has(netns)));
  }

  /** Of several runs that changed one, the first knows how it was. */
  #restoreSettings(entries: readonly Entry<"setting">[]): void {
    const first = new Map<string, Entry<"setting">>();
    for (const entry of entries) {
      const key = `${entry.netns} ${entry.path}`;
      if (!first.has(key)) first.set(key, entry);
    }
    for (const entry of first.values()) this.#restore(entry);
  }

  /** Gives a setting its value back, in a namespace that stays. A device's is gone if the device is. */
  #restore({ path, netns: cookie, before }: Entry<"setting">): void {
    const netns = this.#byCookie.get(cookie);
    if (netns === undefined) return;
    let changed = false;
    let file = path;
    attempt(() => {
      file = this.#namespaces.pathIn(netns, path);
      changed = this.#namespaces.within(netns, () => readFileSync(file, "latin1")) !== before;
    });
    if (changed)
      this.#do(`the change of ${path}`, () =>
        this.#namespaces.within(netns, () => writeFileSync(file, before, "latin1")),
      );
  }

  #isMounted({ path, netns }: Entry<"netns">): boolean {
    let same = false;
    attempt(() => {
      same = this.#namespaces.cookieOf(this.#namespaces.open(path)) === netns;
    });
    return same;
  }

  /** Those in namespaces that go away with everything in them need no word of their own. */
  #linksByNetns(
    entries: readonly Entry<"link">[],
    leaving: ReadonlySet<string>,
  ): [LinuxNetns, Entry<"link">[]][] {
    const byNetns = new Map<LinuxNetns, Entry<"link">[]>();
    for (const entry of entries) {
      const netns = leaving.has(entry.netns) ? undefined : this.#byCookie.get(entry.netns);
      if (netns !== undefined) byNetns.set(netns, [...(byNetns.get(netns) ?? []), entry]);
    }
    return [...byNetns];
  }

  /** Devices of a namespace that are Patchcord's: all that are there, or the one with a name. */
  #oursIn(netns: LinuxNetns, entries: readonly Entry<"link">[], wanted?: string): LinkMessage[] {
    const made = new Map(entries.flatMap((entry) => (entry.made === undefined ? [] : [[entry.made, entry]])));
    const confirmed = new Set([...made.values()].map(({ name }) => name));
    const announced = entries.filter(({ made: index, name }) => index === undefined && !confirmed.has(name));
    return linksOf(this.#namespaces, netns, wanted).filter(({ index, ifname, linkinfo }) => {
      if (made.has(index)) return made.get(index)?.kind === linkinfo?.kind;
      return announced.some(
        ({ name, kind, above }) => name !== "" && name === ifname && kind === linkinfo?.kind && index > above,
      );
    });
  }

  #removeLinks(netns: LinuxNetns, entries: readonly Entry<"link">[], wanted?: string): void {
    const ours = this.#oursIn(netns, entries, wanted);
    if (ours.length === 0) return;
    const what = ours.map(({ ifname = "" }) => `device ${ifname}`);
    const refused = this.#dryRun
      ? undefined
      : this.#deleteTogether(
          netns,
          ours.map(({ index }) => index),
        );
    if (refused === undefined) this.removed.push(...what);
    else this.failed.push(...what.map((each) => `${each}: ${refused}`));
  }

  #deleteTogether(netns: LinuxNetns, indexes: readonly number[]): string | undefined {
    return asking(this.#namespaces, netns, (client) => {
      for (let at = 0; at < indexes.length; at += PIPELINE) {
        client.pipeline(
          indexes.slice(at, at + PIPELINE).map((index) => ({
            type: RTM.SETLINK,
            flags: 0,
            body: encodeLink({ index, group: LEAVING_GROUP }),
          })),
        );
      }
      const result = client.request(RTM.DELLINK, 0, encodeLink({ group: LEAVING_GROUP }));
      return result.ok ? undefined : (result.extack.message ?? result.text);
    });
  }

  /** An empty file that was made for a name, now that nothing is mounted on it. */
  #removeFile({ path, since, made }: Entry<"file">): void {
    if (this.#isOurs(path, since, made) !== "file") return;
    if (made === undefined && this.removed.includes(`file ${path}`)) return;
    this.#do(`file ${path}`, () => unlinkSync(path));
  }

  #removeDirectory({ path, since, made }: Entry<"directory">): void {
    if (this.#isOurs(path, since, made) !== "directory" || names(path).length > 0) return;
    this.#do(`directory ${path}`, () => rmdirSync(path));
  }

  /** Known by its inode number, or, if that was not noted any more, by being empty and no older than the note. */
  #isOurs(path: string, since: number, made: number | undefined): "file" | "directory" | undefined {
    try {
      const stats = lstatSync(path);
      const known = made === undefined ? stats.birthtimeMs >= since : stats.ino === made;
      if (!known) return undefined;
      if (stats.isDirectory()) return "directory";
      return stats.isFile() && stats.size === 0 ? "file" : undefined;
    } catch {
      return undefined; // it is gone
    }
  }

  /** A name that was taken from a namespace of others, which may have ended with it. */
  #nameAgain({ path, netns: cookie }: Entry<"unnamed">): void {
    if (attempt(() => this.#namespaces.open(path)) === undefined) return; // somebody has named one so
    const netns = this.#byCookie.get(cookie);
    if (netns === undefined) {
      this.lost.push(`namespace ${path}`);
      return;
    }
    const refused = this.#dryRun
      ? undefined
      : attempt(() => {
          // A run that was killed between the two steps of `ip netns del` left the empty file.
          const left = lstatSync(path, { throwIfNoEntry: false });
          if (!left?.isFile() || left.size > 0) writeFileSync(path, "", { mode: 0, flag: "wx" });
          libc.mount(`/proc/self/fd/${netns.fd}`, path, "none", MS_BIND, null);
        });
    if (refused === undefined) this.restored.push(`namespace ${path}`);
    else this.failed.push(`namespace ${path}: ${refused}`);
  }

  /** One that a run has not removed itself; processes may be in it still. */
  #removeGroup(path: string): void {
    if (this.#dryRun || !vrfGroupIsThere(path)) return;
    const refused = removeVrfGroup(path);
    if (refused === undefined) this.removed.push(`control group ${path}`);
    else this.failed.push(`control group ${path}: ${refused}`);
  }

  #unshare(path: string): void {
    const mounted = readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .some((line) => line.split(" ")[4] === path);
    if (!mounted || names(path).length > 0) return;
    this.#do(`mount ${path}`, () => libc.umount2(path, MNT_DETACH));
  }
}
