// What programs change of the flows, groups, meters, ports and tables of a bridge that others own, on connections to its
// management socket: all entries of a sort are looked at before the first change of a connection and once it closes.

import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import type { MessageBody } from "@patchcord/core/ovsproto/openflow/message-body.ts";
import type { StreamSocket } from "@patchcord/core/system/stream-sockets.ts";
import { bodyOf, FLOWS, keyOf, lookAtBridge, PORTS, TABLES } from "./openflow-entries.ts";
import type { EntryKinds, OpenflowEntry } from "./openflow-entries.ts";
import { OpenflowMessages } from "./openflow-session.ts";
import { withWatchedOutput } from "./watched-output.ts";

/** Who takes note of what programs do to one sort of a bridge's entries. */
export interface EntryListener {
  /** All entries before the first change. */
  changing(before: readonly OpenflowEntry[]): void;
  /** Keys of entries that the next message may add. */
  adding(keys: readonly string[]): void;
  /** All entries after the last change; undefined if the switch does not answer any more. */
  changed(after: readonly OpenflowEntry[] | undefined): void;
}

/** Numbers of experimenter messages, flow, group, port, table and meter mods, and messages of bundles; their bodies tell more. */
const MAY_CHANGE: ReadonlySet<number> = new Set([4, 14, 15, 16, 17, 29, 34]);

interface MayChange {
  readonly kinds: EntryKinds;
  readonly keys: readonly string[];
}

const KINDS = new Map<MessageBody["type"], EntryKinds>([
  ["flow_mod", FLOWS],
  ["group_mod", FLOWS],
  ["meter_mod", FLOWS],
  ["port_mod", PORTS],
  ["table_mod", TABLES],
]);

/** Undefined if a message changes nothing. */
function changeBy(message: Uint8Array): MayChange | undefined {
  const body = MAY_CHANGE.has(message[1] ?? 0) ? bodyOf(message) : undefined;
  if (body?.type === "bundle_add") return changeBy(body.message);
  const kinds = body && KINDS.get(body.type);
  const key = keyOf(body);
  return kinds && { kinds, keys: key === undefined ? [] : [key] };
}

/** Undefined if the switch does not answer. */
export function lookOrNothing(path: string, kinds: EntryKinds): OpenflowEntry[] | undefined {
  try {
    return lookAtBridge(path, kinds);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** A connection to a bridge's management socket whose changes are watched; each sort of entries has a listener of its own. */
export function watchedBridge(
  socket: StreamSocket,
  path: string,
  listening: (kinds: EntryKinds) => EntryListener,
): StreamSocket {
  const messages = new OpenflowMessages();
  const watching = new Map<EntryKinds, EntryListener>();
  const sending = (bytes: Uint8Array): void => {
    const changes = messages.feed(bytes).flatMap((each) => changeBy(each) ?? []);
    for (const kinds of new Set(changes.map((each) => each.kinds))) {
      let listener = watching.get(kinds);
      if (listener === undefined) {
        const before = lookOrNothing(path, kinds);
        if (before === undefined) continue;
        listener = listening(kinds);
        watching.set(kinds, listener);
        listener.changing(before);
      }
      listener.adding(changes.flatMap((each) => (each.kinds === kinds ? each.keys : [])));
    }
  };
  const looked = (bytes: Uint8Array): Uint8Array => {
    sending(bytes);
    return bytes;
  };
  return withWatchedOutput(socket, looked, () => {
    for (const [kinds, listener] of watching) listener.changed(lookOrNothing(path, kinds));
    watching.clear();
  });
}
