// Sees what programs change of flows, groups and meters of bridges that others own, on connections to their management sockets:
// all entries are looked at before the first change of a connection and once it closes.

import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import { OpenflowError } from "@patchcord/core/ovsproto/openflow/errors.ts";
import type { MessageBody } from "@patchcord/core/ovsproto/openflow/message-body.ts";
import { decodeMessage } from "@patchcord/core/ovsproto/openflow/message-decode.ts";
import { encodeMessage } from "@patchcord/core/ovsproto/openflow/message-encode.ts";
import { METER_COMMANDS } from "@patchcord/core/ovsproto/openflow/meter-messages.ts";
import type { StreamSocket } from "@patchcord/core/system/stream-sockets.ts";
import { addedKey, lookAtBridge, OpenflowMessages } from "./openflow-entries.ts";
import type { OpenflowEntry } from "./openflow-entries.ts";

/** Who takes note of what programs do to a bridge. */
export interface EntryListener {
  /** All entries before the first change. */
  changing(before: readonly OpenflowEntry[]): void;
  /** Keys of entries that the next message may add. */
  adding(keys: readonly string[]): void;
  /** All entries after the last change; undefined if the switch does not answer any more. */
  changed(after: readonly OpenflowEntry[] | undefined): void;
}

/** Experimenter, flow, group, meter mods and messages of bundles; the bodies of the first and last tell more. */
const MAY_CHANGE: ReadonlySet<number> = new Set([4, 14, 15, 29, 34]);
/** Whether OpenFlow 1.0 names tables or not, what is added without one goes to the first. */
const TABLES = { tableId: true };
const COMPARED_VERSION = 5; // OpenFlow 1.4, in which entries are listed

const decoded = (bytes: Uint8Array): MessageBody | undefined => {
  const message = MAY_CHANGE.has(bytes[1] ?? 0) ? decodeMessage(bytes, TABLES) : undefined;
  return message === undefined || message instanceof OpenflowError ? undefined : message.message.body;
};

/** Keys of what a message may add; undefined if it changes nothing. */
function keysOf(body: MessageBody | undefined): readonly string[] | undefined {
  switch (body?.type) {
    case "flow_mod": {
      const plain = { ...body, form: "standard" as const, mod: { ...body.mod, actions: [] } };
      const key = addedKey(encodeMessage({ version: COMPARED_VERSION, xid: 0, body: plain }));
      return key === undefined ? [] : [key];
    }
    case "group_mod":
      return body.command === "delete" ? [] : [`group ${body.group}`];
    case "meter_mod":
      return METER_COMMANDS[body.command] === "delete" ? [] : [`meter ${body.meter}`];
    case "bundle_add":
      return keysOf(decoded(body.message));
    default:
      return undefined;
  }
}

/** Undefined if the switch does not answer. */
function lookOrNothing(path: string): OpenflowEntry[] | undefined {
  try {
    return lookAtBridge(path);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** A connection to a bridge's management socket whose changes are watched. */
export function watchedBridge(socket: StreamSocket, path: string, listener: EntryListener): StreamSocket {
  const { output } = socket;
  const messages = new OpenflowMessages();
  let changing = false;
  const sending = (bytes: Uint8Array): void => {
    const keys = messages.feed(bytes).map((each) => keysOf(decoded(each)));
    const known = keys.filter((each) => each !== undefined);
    if (known.length === 0) return;
    const before = changing ? undefined : lookOrNothing(path);
    if (before !== undefined) {
      changing = true;
      listener.changing(before);
    }
    if (changing) listener.adding(known.flat());
  };
  return {
    ...socket,
    output: {
      get ready() {
        return output.ready;
      },
      subscribe: (wake) => output.subscribe(wake),
      write: (bytes) => {
        sending(bytes);
        output.write(bytes);
      },
    },
    close: () => {
      socket.close();
      if (changing) listener.changed(lookOrNothing(path));
      changing = false;
    },
  };
}
