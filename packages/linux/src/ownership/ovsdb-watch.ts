// Sees the rows that a program is about to make in the database of a real Open vSwitch, and chooses their UUIDs (RFC 7047 over
// its unix socket; "uuid" of insert is in ovsdb-server(7)). Rows are not marked unless a run is asked to, since the programs show the mark; but
// a UUID is known before there is a row, and no other row ever gets it. Rows of others that a transaction changes are looked at before
// it goes and once its reply is there (ovsdb-changes.ts).

import { randomUUID } from "node:crypto";
import type { Json, JsonObject } from "@patchcord/core/ovsproto/json.ts";
import { formatJson, isArray, isObject } from "@patchcord/core/ovsproto/json.ts";
import { encodeMessage, JsonRpcDecoder, ProtocolError } from "@patchcord/core/ovsproto/json-rpc.ts";
import type { JsonRpcMessage } from "@patchcord/core/ovsproto/json-rpc.ts";
import type { StreamSocket } from "@patchcord/core/system/stream-sockets.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import { rowsToChange } from "./ovsdb-changes.ts";
import type { RowLook } from "./ovsdb-changes.ts";
import { OVS_DATABASE, readRows, takesChosenUuids } from "./ovsdb-rows.ts";
import type { OvsRow } from "./ovsdb-rows.ts";
import { withWatchedOutput } from "./watched-output.ts";

/** A row that a transaction inserts. */
interface Insert {
  readonly table: string;
  /** Empty where rows of the table have none. */
  readonly name: string;
  /** Number of the operation, whose result tells the UUID. */
  readonly operation: number;
}

/** Who takes note of what programs do in a database. */
export interface RowListener {
  /** The operations of a transaction as they are to be sent. */
  marking(operations: readonly Json[]): readonly Json[];
  /** Rows that the next transaction makes by these UUIDs. */
  making(rows: readonly OvsRow[]): void;
  /** Rows that the next transaction makes, of which the server will choose the UUIDs. */
  announcing(rows: readonly Omit<OvsRow, "uuid">[]): void;
  /** Whether a row was made here. */
  isOwn(uuid: string): boolean;
  /** Rows of others that the next transaction may change; what it returns is called once that has ended. */
  changing(before: readonly RowLook[]): () => void;
}

const OPENING_BRACE = 0x7b;

function insertsOf(params: readonly Json[]): Insert[] {
  if (params[0] !== OVS_DATABASE) return [];
  return params.slice(1).flatMap((each, operation) => {
    if (!isObject(each) || each["op"] !== "insert") return [];
    const { table, row } = each;
    const name = isObject(row) ? row["name"] : undefined;
    return typeof table === "string"
      ? [{ table, name: typeof name === "string" ? name : "", operation }]
      : [];
  });
}

/** A connection to a unix socket whose transactions are watched, if it is one to a database. */
export function watched(socket: StreamSocket, path: string, listener: RowListener): StreamSocket {
  const { input } = socket;
  const requests = new Requests(path, listener);
  const replies = new JsonRpcDecoder();
  let putBack = 0;
  return {
    ...withWatchedOutput(socket, (bytes) => requests.sending(bytes)),
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
        if (requests.speaksJson) {
          for (const message of replies.feed(bytes.subarray(seen))) requests.answered(message);
        }
        return bytes;
      },
      unread: (bytes) => {
        putBack += bytes.length;
        input.unread(bytes);
      },
    },
  };
}

/** What a program sends. */
class Requests {
  readonly #path: string;
  readonly #listener: RowListener;
  readonly #decoder = new JsonRpcDecoder();
  /** Bytes of a message whose end has not come. */
  #held: Uint8Array[] = [];
  /** What does not begin as JSON is another protocol: OpenFlow has sockets of this kind too. */
  #speaksJson: boolean | undefined;
  #choosing: boolean | undefined;
  /** Transactions of which an old server tells the UUIDs that it chose, by their id. */
  readonly #pending = new Map<string, readonly Insert[]>();

  /** What to do once transactions of rows of others have ended, by their id. */
  readonly #changing = new Map<string, () => void>();

  constructor(path: string, listener: RowListener) {
    this.#path = path;
    this.#listener = listener;
  }

  /** Replies must be looked at, from the first one on. */
  get speaksJson(): boolean {
    return this.#speaksJson === true;
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
    const [database = null, ...operations] = message.params;
    if (database !== OVS_DATABASE) return this.#named(message);
    const named = this.#named({ ...message, params: [database, ...this.#listener.marking(operations)] });
    try {
      const before = rowsToChange(this.#path, named.params.slice(1), (uuid) => this.#listener.isOwn(uuid));
      if (before.length > 0) this.#changing.set(formatJson(message.id), this.#listener.changing(before));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error; // the transaction itself will fare no better
    }
    return named;
  }

  /** With UUIDs for its new rows. */
  #named(message: Transaction): Transaction {
    const inserts = insertsOf(message.params);
    if (inserts.length === 0) return message;
    this.#choosing ??= takesChosenUuids(this.#path);
    if (!this.#choosing) {
      const there = new Set(rowsThere(this.#path).map(({ table, name }) => `${table} ${name}`));
      this.#listener.announcing(inserts.filter(({ table, name }) => !there.has(`${table} ${name}`)));
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
    this.#listener.making(rows);
    return { ...message, params };
  }

  answered(message: JsonRpcMessage | ProtocolError): void {
    if (message instanceof ProtocolError) return;
    if (message.type !== "reply" && message.type !== "error") return;
    const id = formatJson(message.id);
    const inserts = this.#pending.get(id);
    this.#pending.delete(id);
    if (message.type === "reply" && inserts !== undefined)
      this.#listener.making(madeOf(inserts, message.result));
    this.#changing.get(id)?.();
    this.#changing.delete(id);
  }
}

type Transaction = Extract<JsonRpcMessage, { readonly type: "request" }>;

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

/** None if the server does not answer. */
function rowsThere(path: string): readonly OvsRow[] {
  try {
    return readRows(path);
  } catch (error) {
    if (error instanceof Refusal) return [];
    throw error;
  }
}

function madeOf(inserts: readonly Insert[], result: Json): OvsRow[] {
  return inserts.flatMap(({ table, name, operation }) => {
    const each = isArray(result) ? result[operation] : undefined;
    const uuid = isObject(each ?? null) ? (each as { readonly uuid?: Json }).uuid : undefined;
    return isArray(uuid ?? null) ? [{ table, name, uuid: String((uuid as readonly Json[])[1]) }] : [];
  });
}
