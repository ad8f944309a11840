// What bears a mark (marks.ts), told as a journal would have told of it.

import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import type { JournalEntry } from "./journal.ts";
import type { LinuxNetns, NetworkNamespaces } from "../network-namespaces.ts";
import { linksOf } from "../kernel-client.ts";
import { markIn, markOfRow, runningMaker } from "./marks.ts";
import type { Mark } from "./marks.ts";
import { readRows } from "./ovsdb-rows.ts";

export interface Marked {
  readonly entries: readonly JournalEntry[];
  /** Makers that run still, whose things are not among the entries. */
  readonly running: readonly number[];
}

/** @param all also of processes that run */
export function findMarked(
  namespaces: NetworkNamespaces,
  places: Iterable<LinuxNetns>,
  sockets: Iterable<string>,
  all: boolean,
): Marked {
  const entries: JournalEntry[] = [];
  const running = new Set<number>();
  const mayGo = (mark: Mark): boolean => {
    const pid = runningMaker(mark);
    if (pid !== undefined && pid !== process.pid) running.add(pid);
    return all || pid === undefined;
  };
  for (const netns of places) {
    const cookie = namespaces.cookieOf(netns);
    for (const { index, ifname = "", ifalias, linkinfo } of linksOf(namespaces, netns)) {
      const mark = markIn(ifalias);
      if (mark === undefined || !mayGo(mark)) continue;
      const kind = linkinfo?.kind ?? "";
      entries.push({ type: "link", netns: cookie, name: ifname, kind, above: index - 1, made: index });
    }
  }
  for (const socket of sockets) {
    for (const { table, name, uuid, row } of rowsOf(socket)) {
      const mark = markOfRow(row);
      if (mark !== undefined && mayGo(mark)) entries.push({ type: "ovs", socket, table, name, made: uuid });
    }
  }
  return { entries, running: [...running] };
}

/** None where no server answers. */
function rowsOf(socket: string): ReturnType<typeof readRows> {
  try {
    return readRows(socket);
  } catch (error) {
    if (error instanceof Refusal) return [];
    throw error;
  }
}
