// Sees the bridges and ports that a program is about to make in the database of a real Open vSwitch, and chooses their UUIDs
// (RFC 7047 over its unix socket; "uuid" of insert is in ovsdb-server(7)). Rows are not marked, since the programs would
// show the mark; but a UUID is known before there is a row, and no other row ever gets it.

import { randomUUID } from "node:crypto";
import type { Json, JsonObject } from "@patchcord/core/ovsproto/json.ts";
import { formatJson, isArray, isObject } from "@patchcord/core/ovsproto/json.ts";
import { encodeMessage, JsonRpcDecoder, ProtocolError } from "@patchcord/core/ovsproto/json-rpc.ts";
import type { JsonRpcMessage } from "@patchcord/core/ovsproto/json-rpc.ts";
import type { StreamSocket } from "@patchcord/core/system/stream-sockets.ts";
import { OVS_DATABASE, takesChosenUuids } from "./ovsdb-rows.ts";
import type { OvsRow, OvsTable } from "./ovsdb-rows.ts";

/** A row that a transaction inserts. */
interface Insert {
  readonly table: OvsTable;
  readonly name: string;
  /** Number of the operation, whose result tells the UUID. */
  readonly operation: number;
}

/** Told of rows before the transaction that makes them goes; by an old server, once it has made them. */
export type RowListener = (rows: readonly OvsRow[]) => void;

const OPENING_BRACE = 0x7b;

function isTable(text: Json | undefined): text is OvsTable {
  return text === "Bridge" || text === "Port";
}

function insertsOf(params: readonly Json[]): Insert[] {
  if (params[0] !== OVS_DATABASE) return [];
  return params.slice(1).flatMap((each, operation) => {
    if (!isObject(each) || each["op"] !== "insert" || !isTable(each["table"])) return [];
    const row = each["row"];
    const name = isObject(row ?? null) ? (row as { readonly name?: Json }).name : undefined;
    return typeof name === "string" ? [{ table: each["table"], name, operation }] : [];
  });
}

/** A connection to a unix socket whose transactions are watched, if it is one to a database. */
export function watched(socket: StreamSocket, path: string, making: RowListener): StreamSocket {
  const { input, output } = socket;
  const requests = new Requests(path, making);
  const replies = new JsonRpcDecoder();
  let putBack = 0;
  return {
    ...socket,
    input: {
      get ready() {
        return input.ready;
      },
      subscribe: (wake) => input.subscribe(wake),
      read: () => {
        const bytes = input.read();
        if (!bytes) return bytes;
        const seen = Math.min(putBack, bytes.length);
        putBack -= seen;
        if (requests.unanswered) {
          for (const message of replies.feed(bytes.subarray(seen))) requests.answered(message);
        }
        return bytes;
      },
      unread: (bytes) => {
        putBack += bytes.length;
        input.unread(bytes);
      },
    },
    output: {
      get ready() {
        return output.ready;
      },
      subscribe: (wake) => output.subscribe(wake),
      write: (bytes) => {
        const sent = requests.sending(bytes);
        if (sent.length > 0) output.write(sent);
      },
    },
    close: () => socket.close(),
  };
}

/** What a program sends. */
class Requests {
  readonly #path: string;
  readonly #making: RowListener;
  readonly #decoder = new JsonRpcDecoder();
  /** Bytes of a message whose end has not come. */
  #held: Uint8Array[] = [];
  /** What does not begin as JSON is another protocol: OpenFlow has sockets of this kind too. */
  #speaksJson: boolean | undefined;
  #choosing: boolean | undefined;
  /** Transactions of which an old server tells the UUIDs that it chose, by their id. */
  readonly #pending = new Map<string, readonly Insert[]>();

  constructor(path: string, making: RowListener) {
    this.#path = path;
    this.#making = making;
  }

  /** Replies must be looked at, from the first one on. */
  get unanswered(): boolean {
    return this.#speaksJson === true && this.#choosing !== true;
  }

  /** The bytes to send for these: whole messages only. */
  sending(bytes: Uint8Array): Uint8Array {
    this.#speaksJson ??= bytes[0] === OPENING_BRACE;
    if (!this.#speaksJson) return bytes;
    this.#held.push(bytes);
    const messages = this.#decoder.feed(bytes);
    const whole = messages.filter((each): each is JsonRpcMessage => !(each instanceof ProtocolError));
    if (whole.length < messages.length) {
      this.#speaksJson = false;
      return Buffer.concat(this.#held);
    }
    if (whole.length === 0) return new Uint8Array(0);
    this.#held = [];
    return Buffer.concat(whole.map((message) => encodeMessage(this.#owned(message))));
  }

  #owned(message: JsonRpcMessage): JsonRpcMessage {
    if (message.type !== "request" || message.method !== "transact") return message;
    const inserts = insertsOf(message.params);
    if (inserts.length === 0) return message;
    this.#choosing ??= takesChosenUuids(this.#path);
    if (!this.#choosing) {
      this.#pending.set(formatJson(message.id), inserts);
      return message;
    }
    const chosen = new Map<Json, string>();
    const rows = inserts.map(({ table, name, operation }) => {
      const insert = message.params[operation + 1] as { readonly uuid?: Json; readonly "uuid-name"?: Json };
      const uuid = typeof insert.uuid === "string" ? insert.uuid : randomUUID();
      if (insert["uuid-name"] !== undefined) chosen.set(insert["uuid-name"], uuid);
      return { table, name, operation, uuid };
    });
    const params = message.params.map((each) => withChosen(each, chosen));
    for (const { operation, uuid } of rows) {
      const { "uuid-name": _, ...insert } = params[operation + 1] as JsonObject;
      params[operation + 1] = { ...insert, uuid };
    }
    this.#making(rows);
    return { ...message, params };
  }

  answered(message: JsonRpcMessage | ProtocolError): void {
    if (message instanceof ProtocolError) return;
    if (message.type !== "reply" && message.type !== "error") return;
    const inserts = this.#pending.get(formatJson(message.id));
    if (inserts === undefined) return;
    this.#pending.delete(formatJson(message.id));
    if (message.type === "reply") this.#making(madeOf(inserts, message.result));
  }
}

/**
 * Rows by their UUIDs instead of names: where an operation refers to a row that a later one inserts, the server has given the
 * name another UUID already.
 */
function withChosen(json: Json, chosen: ReadonlyMap<Json, string>): Json {
  if (isArray(json)) {
    const uuid = json.length === 2 && json[0] === "named-uuid" ? chosen.get(json[1] ?? null) : undefined;
    return uuid === undefined ? json.map((each) => withChosen(each, chosen)) : ["uuid", uuid];
  }
  if (!isObject(json)) return json;
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, withChosen(value, chosen)]));
}

function madeOf(inserts: readonly Insert[], result: Json): OvsRow[] {
  return inserts.flatMap(({ table, name, operation }) => {
    const each = isArray(result) ? result[operation] : undefined;
    const uuid = isObject(each ?? null) ? (each as { readonly uuid?: Json }).uuid : undefined;
    return isArray(uuid ?? null) ? [{ table, name, uuid: String((uuid as readonly Json[])[1]) }] : [];
  });
}
