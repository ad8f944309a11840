// The namespaces that processes are in, as lsns finds them: /proc/PID/ns, the mounts of nsfs, and the ids of network namespaces.

import { NetlinkClient } from "../../netlink/client.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { decodeNsid, encodeNsid } from "../../netlink/rtnl/nsid.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import type { Process } from "../../system/process.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { readRows } from "../procps/ps/rows.ts";
import type { Row } from "../procps/ps/rows.ts";
import { readText } from "../resolver/databases.ts";

/** In the order in which lsns looks at a process. */
export const KINDS = ["mnt", "net", "pid", "uts", "ipc", "user", "cgroup", "time"] as const;
export type Kind = (typeof KINDS)[number];

export interface Namespace {
  readonly inode: number;
  readonly kind: Kind;
  readonly members: readonly Row[];
  /** The member with the lowest number. */
  readonly leader: Row;
}

/** By number. */
export function readNamespaces(process: Process): readonly Namespace[] {
  const found = new Map<number, { kind: Kind; members: Row[] }>();
  for (const row of readRows(process)) {
    for (const kind of KINDS) {
      const inode = Number(row.namespaces.get(kind) ?? 0);
      if (inode === 0) continue;
      const known = found.get(inode);
      if (known) known.members.push(row);
      else found.set(inode, { kind, members: [row] });
    }
  }
  return [...found]
    .flatMap(([inode, { kind, members }]) =>
      members[0] ? [{ inode, kind, members, leader: members[0] }] : [],
    )
    .sort((a, b) => a.inode - b.inode);
}

/** The id that a process's network namespace has in ours: "unassigned" without one. */
export function netnsIds(process: Process): (pid: number) => string {
  const client = new NetlinkClient(process.netlink());
  return (pid) => {
    const result = client.request(RTM.GETNSID, 0, encodeNsid({ pid }));
    const [answer] = result.ok ? result.messages : [];
    const decoded = answer === undefined ? undefined : decodeNsid(answer.body);
    if (decoded === undefined || isMalformed(decoded)) return "";
    const { nsid = -1 } = decoded;
    return nsid < 0 ? "unassigned" : String(nsid);
  };
}

/** Where namespaces are mounted, by inode number. */
export function mountedAt(process: Process): ReadonlyMap<number, readonly string[]> {
  const places = new Map<number, string[]>();
  for (const line of (readText(process, "/proc/self/mounts") ?? "").split("\n")) {
    const [, path = "", type] = line.split(" ");
    if (type !== "nsfs") continue;
    try {
      const { inode } = process.files.status(path);
      const known = places.get(inode) ?? [];
      if (!known.includes(path)) places.set(inode, [...known, path]);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal; // gone meanwhile
    }
  }
  return places;
}
