// Takes back what has changed of flows, groups, meters, ports and tables of bridges that others own: what connections to their
// management sockets changed, and what the daemon dropped when it followed the database. What is not any more as a connection left it
// belongs to whoever changed it since.

import { dirname } from "node:path";
import { ERRNO, strerror } from "@patchcord/core/netlink/errno.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import type { JournalEntry } from "./journal.ts";
import {
  FLOWS,
  isFresh,
  isSameEntry,
  lookAtBridge,
  openflowKey,
  setEntriesBack,
} from "./openflow-entries.ts";
import type { EntryBack, EntryKinds, OpenflowEntry } from "./openflow-entries.ts";
import { lookOrNothing } from "./openflow-watch.ts";
import type { Told } from "./undo-requests.ts";

interface BridgeChange {
  readonly socket: string;
  readonly kinds: EntryKinds;
  readonly before: readonly OpenflowEntry[];
  /** The daemon may have dropped them; "kept": no flows, groups and meters. */
  readonly lost: boolean | "kept";
  /** Keys of what it may have added. */
  readonly adding: readonly string[];
  /** Undefined if the connection was not seen to close. */
  readonly after: readonly OpenflowEntry[] | undefined;
}

export function bridgeChangesIn(entries: readonly JournalEntry[]): BridgeChange[] {
  const changes: BridgeChange[] = [];
  const open = new Map<number, number>();
  for (const entry of entries) {
    if (entry.type === "start") open.clear();
    else if (entry.type === "flows") {
      const { socket, kinds, before, lost = false } = entry;
      open.set(entry.id, changes.length);
      changes.push({ socket, kinds, before, lost, adding: [], after: undefined });
    } else if (
      entry.type === "flows adding" ||
      entry.type === "flows changed" ||
      entry.type === "flows kept"
    ) {
      const at = open.get(entry.id);
      const change = at === undefined ? undefined : changes[at];
      if (at === undefined || change === undefined) continue;
      if (entry.type === "flows kept") changes[at] = { ...change, lost: "kept" };
      else if (entry.type === "flows changed") changes[at] = { ...change, after: entry.after };
      else changes[at] = { ...change, adding: [...change.adding, ...entry.keys] };
    }
  }
  return changes;
}

type ByKey = ReadonlyMap<string, OpenflowEntry>;
const byKey = (entries: readonly OpenflowEntry[]): ByKey =>
  new Map(entries.map((entry) => [openflowKey(entry), entry]));

/** What a connection changed and is unchanged since, as it was. */
function entriesBack({ before, adding, after }: BridgeChange, is: readonly OpenflowEntry[]): EntryBack[] {
  const [was, now] = [byKey(before), byKey(is)];
  const became = after === undefined ? now : byKey(after);
  const mayBe = after === undefined ? new Set(adding) : undefined;
  return [...new Set([...was.keys(), ...became.keys()])].flatMap((key) => {
    const [old, reached, current] = [was, became, now].map((each) => each.get(key));
    if (isSameEntry(old, reached) || !isSameEntry(reached, current)) return [];
    if (old === undefined && mayBe?.has(key) === false) return [];
    return isPossible(old, current) ? [{ was: old, is: current }] : [];
  });
}

/** Ports and tables are only set: one that has not come back has no settings, and a new one had none. */
function isPossible(was: OpenflowEntry | undefined, is: OpenflowEntry | undefined): boolean {
  const kind = (was ?? is)?.kind;
  return FLOWS.some((each) => each === kind) || (was !== undefined && is !== undefined);
}

/** What the daemon may have dropped and is missing, and the flow that it put there instead. */
function lostBack({ before, lost }: BridgeChange, is: readonly OpenflowEntry[]): EntryBack[] {
  const [was, now] = [byKey(before), byKey(is)];
  return [...new Set([...was.keys(), ...now.keys()])].flatMap((key) => {
    const [old, current] = [was.get(key), now.get(key)];
    if (isSameEntry(old, current) || (current !== undefined && !isFresh(current))) return [];
    const isKept = lost === "kept" && FLOWS.some((each) => each === old?.kind);
    return !isKept && isPossible(old, current) ? [{ was: old, is: current }] : [];
  });
}

/** Bridges that are gone have taken their flows with them. */
const GONE: ReadonlySet<number> = new Set([ERRNO.ENOENT, ERRNO.ECONNREFUSED]);

/** What bridges have that will be reset once more when their rows are set back. */
export function flowsToReset(changes: readonly BridgeChange[]): JournalEntry[] {
  const sockets = new Set(changes.flatMap(({ socket, lost }) => (lost === true ? [socket] : [])));
  return [...sockets].flatMap((socket, at): JournalEntry[] => {
    const before = lookOrNothing(socket, FLOWS) ?? [];
    return before.length === 0
      ? []
      : [{ type: "flows", id: at + 1, socket, kinds: FLOWS, before, lost: true }];
  });
}

/** Once the daemon has followed what became of its database. */
export function undoFlows(changes: readonly BridgeChange[], told: Told, dryRun: boolean): void {
  const silent = new Set<string>();
  const failed = (socket: string, error: unknown): void => {
    if (!(error instanceof Refusal)) throw error;
    if (GONE.has(error.errno)) return;
    // All bridges are one daemon's: nobody waits for it as many times as there are changes.
    if (error.errno === ERRNO.ETIMEDOUT) silent.add(dirname(socket));
    const why = error.extack?.message ?? strerror(error.errno);
    told.failed.push(`flows of Open vSwitch's bridge ${bridgeOf(socket)}: ${why}`);
  };
  for (const change of changes.toReversed()) {
    const { socket, kinds, lost } = change;
    if (silent.has(dirname(socket))) continue;
    try {
      const is = lookAtBridge(socket, kinds);
      const back = lost !== false ? lostBack(change, is) : entriesBack(change, is);
      if (back.length === 0) continue;
      if (!dryRun) setEntriesBack(socket, back);
      for (const { was, is: now } of back) {
        const list = was === undefined ? told.removed : told.restored;
        list.push(`a ${(was ?? now)?.kind} of Open vSwitch's bridge ${bridgeOf(socket)}`);
      }
    } catch (error) {
      failed(socket, error);
    }
  }
}

const bridgeOf = (socket: string): string => socket.replace(/^.*\/|\.mgmt$/g, "");
