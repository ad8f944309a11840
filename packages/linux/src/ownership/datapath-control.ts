// Datapaths that live in the switch daemon (dpif-netdev) and their ports, which `ovs-appctl dpctl/...` makes and removes over the daemon's
// control socket (unixctl: JSON-RPC 1.0; ovs-appctl(8), dpctl(8)): what a command is about to change, and what takes it back. Those of
// the kernel are in kernel-datapaths.ts.

import { ERRNO, strerror } from "@patchcord/core/netlink/errno.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import { encodeMessage, JsonRpcDecoder, ProtocolError } from "@patchcord/core/ovsproto/json-rpc.ts";
import type { StreamSocket } from "@patchcord/core/system/stream-sockets.ts";
import { questions } from "../stream-question.ts";
import type { JournalEntry } from "./journal.ts";
import type { Told } from "./undo-requests.ts";
import { withWatchedOutput } from "./watched-output.ts";

/** A datapath, or with a port one of its ports. */
export interface ControlledPart {
  /** TYPE@NAME */
  readonly datapath: string;
  readonly port?: string;
  /** Of a port that is taken away: what makes it again, as dpctl's add-if takes it. */
  readonly specification?: string;
}

const ADDS: ReadonlySet<string> = new Set(["dpctl/add-dp", "dpctl/add-if"]);
const REMOVES: ReadonlySet<string> = new Set(["dpctl/del-dp", "dpctl/del-if"]);

/** The daemon's answer; undefined if it refuses. Errors: Refusal. */
function tell(path: string, method: string, params: readonly string[]): string | undefined {
  return questions(path, (connection) => {
    connection.send(encodeMessage({ type: "request", method, params, id: 0 }));
    const decoder = new JsonRpcDecoder();
    return connection.answer((bytes): { text: string | undefined } | undefined => {
      for (const message of decoder.feed(bytes)) {
        if (message instanceof ProtocolError) throw new Refusal(ERRNO.EPROTO);
        if (message.type === "reply") return { text: String(message.result) };
        if (message.type === "error") return { text: undefined };
      }
      return undefined;
    }).text;
  });
}

/** Ports by their names, each as add-if takes it; undefined if there is no such datapath. */
function portsOf(path: string, datapath: string): ReadonlyMap<string, string> | undefined {
  const text = tell(path, "dpctl/show", [datapath]);
  if (text === undefined) return undefined;
  // "  port 2: vx (vxlan: packet_type=ptap)": what is behind the colon is not told as it is given.
  const lines = text.matchAll(/^ +port (\d+): (\S+)(?: \((\w+))?/gm);
  return new Map(
    [...lines].map(([, number, name = "", type]) => [
      name,
      `${name}${type === undefined ? "" : `,type=${type}`},port_no=${number}`,
    ]),
  );
}

const withType = (datapath: string): string => (datapath.includes("@") ? datapath : `system@${datapath}`);

/** What a command would make or take away that others have. */
function partsOf(path: string, method: string, params: readonly string[]): ControlledPart[] {
  const [name, ...ports] = params.filter((word) => !word.startsWith("-"));
  if (name === undefined) return [];
  const datapath = withType(name);
  const there = portsOf(path, datapath);
  if (ADDS.has(method)) {
    const made = ports
      .map((port) => port.replace(/,.*/s, ""))
      .filter((port) => there?.has(port) !== true)
      .map((port) => ({ datapath, port }));
    return there === undefined && method === "dpctl/add-dp" ? [{ datapath }] : made;
  }
  if (there === undefined) return [];
  const gone = method === "dpctl/del-dp" ? [...there.keys()] : ports;
  const taken = gone.flatMap((port): ControlledPart[] => {
    const specification = there.get(port);
    return specification === undefined ? [] : [{ datapath, port, specification }];
  });
  return method === "dpctl/del-dp" ? [{ datapath, specification: "" }, ...taken] : taken;
}

/** A connection to a daemon's control socket whose commands about datapaths are watched. */
export function watchedControl(
  socket: StreamSocket,
  path: string,
  changing: (parts: readonly ControlledPart[]) => void,
): StreamSocket {
  const decoder = new JsonRpcDecoder();
  return withWatchedOutput(socket, (bytes) => {
    for (const message of decoder.feed(bytes)) {
      if (message instanceof ProtocolError || message.type !== "request") continue;
      const { method, params } = message;
      if (!ADDS.has(method) && !REMOVES.has(method)) continue;
      const parts = partsOrNone(path, method, params.map(String));
      if (parts.length > 0) changing(parts);
    }
    return bytes;
  });
}

/** None if the daemon does not answer: the command itself will fare no better. */
function partsOrNone(path: string, method: string, params: readonly string[]): ControlledPart[] {
  try {
    return partsOf(path, method, params);
  } catch (error) {
    if (error instanceof Refusal) return [];
    throw error;
  }
}

/** A daemon that has ended has taken its datapaths with it. */
const GONE: ReadonlySet<number> = new Set([ERRNO.ENOENT, ERRNO.ECONNREFUSED]);

/** Takes back what commands have changed, the last first. */
export function undoControlled(entries: readonly JournalEntry[], told: Told, dryRun: boolean): void {
  const own = new Set<string>();
  const keyOf = ({ datapath, port = "" }: ControlledPart): string => `${datapath} ${port}`;
  const changes = entries.flatMap((entry) => (entry.type === "datapath" ? [entry] : []));
  for (const { parts } of changes)
    for (const part of parts) if (part.specification === undefined) own.add(keyOf(part));
  for (const { socket, parts } of changes.toReversed()) {
    try {
      for (const part of parts) {
        const { datapath, port, specification } = part;
        const there = portsOf(socket, datapath);
        const isThere = port === undefined ? there !== undefined : there?.has(port) === true;
        const [name] =
          port === undefined ? [`datapath ${datapath}`] : [`port ${port} of datapath ${datapath}`];
        const isMade = specification === undefined;
        // Nobody misses what a run had made, and what went with its datapath is gone.
        if (
          isMade ? !isThere : isThere || own.has(keyOf(part)) || (port !== undefined && there === undefined)
        )
          continue;
        const [method, params] = isMade
          ? port === undefined
            ? ["dpctl/del-dp", [datapath]]
            : ["dpctl/del-if", [datapath, port]]
          : port === undefined
            ? ["dpctl/add-dp", [datapath]]
            : ["dpctl/add-if", [datapath, specification]];
        const done = dryRun || tell(socket, method, params) !== undefined;
        (done ? (isMade ? told.removed : told.restored) : told.failed).push(
          done ? `Open vSwitch's ${name}` : `Open vSwitch's ${name}: the daemon refuses`,
        );
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (!GONE.has(error.errno))
        told.failed.push(`datapaths of Open vSwitch at ${socket}: ${strerror(error.errno)}`);
    }
  }
}
