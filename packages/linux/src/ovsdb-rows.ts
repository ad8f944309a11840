// The bridges and ports that programs make in the database of a real Open vSwitch (RFC 7047 over its unix socket): seen as
// their transactions pass, and taken away again. Rows are not marked, since the programs would show the mark; they are
// known by their UUID, which no other row ever gets.

import { ERRNO } from "@patchcord/core/netlink/errno.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import type { Json } from "@patchcord/core/ovsproto/json.ts";
import { formatJson, isArray, isObject } from "@patchcord/core/ovsproto/json.ts";
import { encodeMessage, JsonRpcDecoder, ProtocolError } from "@patchcord/core/ovsproto/json-rpc.ts";
import type { JsonRpcMessage } from "@patchcord/core/ovsproto/json-rpc.ts";
import type { StreamSocket } from "@patchcord/core/system/stream-sockets.ts";
import { libc } from "./libc.ts";
import { connectStream } from "./stream-socket.ts";

/** Tables whose rows have a name that no other row of the table has. */
export type OvsTable = "Bridge" | "Port";
const DATABASE = "Open_vSwitch";
const LONGEST_WAIT = 3000; // milliseconds
const STEP = 2; // milliseconds

export interface OvsRow {
  readonly table: OvsTable;
  readonly name: string;
  readonly uuid: string;
}

/** A row that a transaction is about to insert. */
interface Insert {
  readonly table: OvsTable;
  readonly name: string;
  /** Number of the operation, whose result tells the UUID. */
  readonly operation: number;
}

function isTable(text: Json | undefined): text is OvsTable {
  return text === "Bridge" || text === "Port";
}

function insertsOf(params: readonly Json[]): Insert[] {
  if (params[0] !== DATABASE) return [];
  return params.slice(1).flatMap((each, operation) => {
    if (!isObject(each) || each["op"] !== "insert" || !isTable(each["table"])) return [];
    const row = each["row"];
    const name = isObject(row ?? null) ? (row as { readonly name?: Json }).name : undefined;
    return typeof name === "string" ? [{ table: each["table"], name, operation }] : [];
  });
}

/** What is told of a connection to a database. */
export interface RowListener {
  /** Before the transaction goes; those that are there already are not told. */
  announced(rows: readonly { readonly table: OvsTable; readonly name: string }[]): void;
  made(rows: readonly OvsRow[]): void;
}

/** A connection to a unix socket whose transactions are watched, if it is one to a database. */
export function watched(socket: StreamSocket, path: string, listener: RowListener): StreamSocket {
  const { input, output } = socket;
  const [requests, replies] = [new JsonRpcDecoder(), new JsonRpcDecoder()];
  const pending = new Map<string, readonly Insert[]>();
  /** What does not begin as JSON is another protocol: OpenFlow has sockets of this kind too. */
  let speaksJson: boolean | undefined;
  let putBack = 0;

  const messages = (decoder: JsonRpcDecoder, bytes: Uint8Array): JsonRpcMessage[] => {
    const found = decoder.feed(bytes);
    if (found.some((each) => each instanceof ProtocolError)) speaksJson = false;
    return found.filter((each): each is JsonRpcMessage => !(each instanceof ProtocolError));
  };
  const sending = (bytes: Uint8Array): void => {
    speaksJson ??= bytes[0] === OPENING_BRACE;
    if (!speaksJson) return;
    for (const message of messages(requests, bytes)) {
      if (message.type !== "request" || message.method !== "transact") continue;
      const inserts = insertsOf(message.params);
      if (inserts.length === 0) continue;
      const there = new Set((ovsRows(path) ?? []).map(({ table, name }) => `${table} ${name}`));
      const fresh = inserts.filter(({ table, name }) => !there.has(`${table} ${name}`));
      listener.announced(fresh);
      pending.set(formatJson(message.id), fresh);
    }
  };
  const received = (bytes: Uint8Array): void => {
    if (speaksJson !== true) return;
    for (const message of messages(replies, bytes)) {
      if (message.type !== "reply" && message.type !== "error") continue;
      const inserts = pending.get(formatJson(message.id));
      if (inserts === undefined) continue;
      pending.delete(formatJson(message.id));
      if (message.type === "reply") listener.made(madeOf(inserts, message.result));
    }
  };
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
        received(bytes.subarray(seen));
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
        sending(bytes);
        output.write(bytes);
      },
    },
    close: () => socket.close(),
  };
}

const OPENING_BRACE = 0x7b;

function madeOf(inserts: readonly Insert[], result: Json): OvsRow[] {
  return inserts.flatMap(({ table, name, operation }) => {
    const each = isArray(result) ? result[operation] : undefined;
    const uuid = isObject(each ?? null) ? (each as { readonly uuid?: Json }).uuid : undefined;
    return isArray(uuid ?? null) ? [{ table, name, uuid: String((uuid as readonly Json[])[1]) }] : [];
  });
}

/** One transaction, waited for: its results. Errors: Refusal, also ETIMEDOUT and EPROTO. */
function transactNow(path: string, operations: readonly Json[]): readonly Json[] {
  const socket = connectStream({ family: "unix", path });
  try {
    const params = [DATABASE, ...operations];
    socket.output.write(encodeMessage({ type: "request", method: "transact", params, id: 0 }));
    const decoder = new JsonRpcDecoder();
    for (let waited = 0; waited < LONGEST_WAIT;) {
      const bytes = socket.input.read();
      if (bytes === null) throw new Refusal(ERRNO.ECONNRESET);
      if (bytes === undefined) {
        libc.poll(null, 0, STEP); // the event loop stands still: this is between two of its turns
        waited += STEP;
        continue;
      }
      for (const message of decoder.feed(bytes)) {
        if (message instanceof ProtocolError) throw new Refusal(ERRNO.EPROTO);
        if (message.type === "reply" && isArray(message.result)) return message.result;
        if (message.type === "error") throw new Refusal(ERRNO.EPROTO);
      }
    }
    throw new Refusal(ERRNO.ETIMEDOUT);
  } finally {
    socket.close();
  }
}

/** All bridges and ports; undefined if the database does not answer or has none. */
export function ovsRows(path: string): OvsRow[] | undefined {
  try {
    return readRows(path);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** Errors: Refusal. */
export function readRows(path: string): OvsRow[] {
  const tables = ["Bridge", "Port"] as const;
  const results = transactNow(
    path,
    tables.map((table) => ({ op: "select", table, where: [], columns: ["_uuid", "name"] })),
  );
  return tables.flatMap((table, index) => {
    const result = results[index] as { readonly rows?: readonly { _uuid: [string, string]; name: string }[] };
    return (result.rows ?? []).map(({ _uuid: [, uuid], name }) => ({ table, name, uuid }));
  });
}

/** Takes rows out of what refers to them, whereupon the database drops them (RFC 7047 3.1, "isRoot"). Errors: Refusal. */
export function removeRows(path: string, rows: readonly OvsRow[]): void {
  const leave = (table: string, column: string, of: OvsTable): Json[] => {
    const members = rows.flatMap((row) => (row.table === of ? [["uuid", row.uuid]] : []));
    return members.length === 0
      ? []
      : [{ op: "mutate", table, where: [], mutations: [[column, "delete", ["set", members]]] }];
  };
  const results = transactNow(path, [
    ...leave("Bridge", "ports", "Port"),
    ...leave(DATABASE, "bridges", "Bridge"),
    { op: "comment", comment: "patchcord cleanup" },
  ]);
  if (results.some((each) => isObject(each) && "error" in each)) throw new Refusal(ERRNO.EPROTO);
}
