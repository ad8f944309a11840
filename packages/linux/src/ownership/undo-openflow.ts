// Takes back what connections have changed of flows, groups and meters of bridges that others own. What is not any more as a
// connection left it belongs to whoever changed it since.

import { ERRNO, strerror } from "@patchcord/core/netlink/errno.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import type { JournalEntry } from "./journal.ts";
import { lookAtBridge, openflowKey, setEntriesBack } from "./openflow-entries.ts";
import type { EntryBack, OpenflowEntry } from "./openflow-entries.ts";
import type { Told } from "./undo-requests.ts";

interface BridgeChange {
  readonly socket: string;
  readonly before: readonly OpenflowEntry[];
  /** Keys of what it may have added. */
  readonly adding: readonly string[];
  /** Undefined if the connection was not seen to close. */
  readonly after: readonly OpenflowEntry[] | undefined;
}

function bridgeChangesIn(entries: readonly JournalEntry[]): BridgeChange[] {
  const changes: BridgeChange[] = [];
  const open = new Map<number, number>();
  for (const entry of entries) {
    if (entry.type === "start") open.clear();
    else if (entry.type === "flows") {
      open.set(entry.id, changes.length);
      changes.push({ socket: entry.socket, before: entry.before, adding: [], after: undefined });
    } else if (entry.type === "flows adding" || entry.type === "flows changed") {
      const at = open.get(entry.id);
      const change = at === undefined ? undefined : changes[at];
      if (at === undefined || change === undefined) continue;
      changes[at] =
        entry.type === "flows changed"
          ? { ...change, after: entry.after }
          : { ...change, adding: [...change.adding, ...entry.keys] };
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
    if (old?.bytes === reached?.bytes || reached?.bytes !== current?.bytes) return [];
    if (old === undefined && mayBe?.has(key) === false) return [];
    return [{ was: old, is: current }];
  });
}

/** Bridges that are gone have taken their flows with them. */
const GONE: ReadonlySet<number> = new Set([ERRNO.ENOENT, ERRNO.ECONNREFUSED]);

export function undoFlows(entries: readonly JournalEntry[], told: Told, dryRun: boolean): void {
  for (const change of bridgeChangesIn(entries).toReversed()) {
    const { socket } = change;
    const bridge = socket.replace(/^.*\/|\.mgmt$/g, "");
    try {
      const back = entriesBack(change, lookAtBridge(socket));
      if (back.length === 0) continue;
      if (!dryRun) setEntriesBack(socket, back);
      for (const { was, is } of back) {
        const list = was === undefined ? told.removed : told.restored;
        list.push(`a ${(was ?? is)?.kind} of Open vSwitch's bridge ${bridge}`);
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (GONE.has(error.errno)) continue;
      told.failed.push(
        `flows of Open vSwitch's bridge ${bridge}: ${error.extack?.message ?? strerror(error.errno)}`,
      );
    }
  }
}
