// JSON-RPC 1.0 over a byte stream, as RFC 7047 section 4 uses it: messages are JSON objects one behind the other, either
// side may send requests. What goes over a socket is the caller's business; here are bytes and messages.

import type { Json } from "./json.ts";
import { formatJson, isArray, isObject, isPlain } from "./json.ts";
import { JsonParser, JsonSyntaxError } from "./json-parser.ts";
import { parsePlain } from "./json-plain.ts";

export type JsonRpcMessage =
  | { readonly type: "request"; readonly method: string; readonly params: readonly Json[]; readonly id: Json }
  | { readonly type: "notification"; readonly method: string; readonly params: readonly Json[] }
  | { readonly type: "reply"; readonly result: Json; readonly id: Json }
  | { readonly type: "error"; readonly error: Json; readonly id: Json };

/** What is said in JSON, but to a reader in the same system, who takes it as what it is. It never changes. */
export interface Saying<T extends Json = Json> {
  /** A reader of the text would know just the same. */
  readonly exact: boolean;
  toJson(): T;
}

/** A message that says something which is put into JSON for those only who know no better. */
abstract class SaidMessage<T extends Json> {
  readonly said: Saying<T>;
  #json: T | undefined;

  constructor(said: Saying<T>) {
    this.said = said;
  }

  protected json(): T {
    return (this.#json ??= this.said.toJson());
  }
}

export class SaidRequest extends SaidMessage<readonly Json[]> {
  readonly type = "request";
  readonly method: string;
  readonly id: Json;

  constructor(method: string, id: Json, said: Saying<readonly Json[]>) {
    super(said);
    this.method = method;
    this.id = id;
  }

  get params(): readonly Json[] {
    return this.json();
  }
}

export class SaidNotification extends SaidMessage<readonly Json[]> {
  readonly type = "notification";
  readonly method: string;

  constructor(method: string, said: Saying<readonly Json[]>) {
    super(said);
    this.method = method;
  }

  get params(): readonly Json[] {
    return this.json();
  }
}

export class SaidReply extends SaidMessage<Json> {
  readonly type = "reply";
  readonly id: Json;

  constructor(id: Json, said: Saying) {
    super(said);
    this.id = id;
  }

  get result(): Json {
    return this.json();
  }
}

/** Why a stream is of no use any more. */
export class ProtocolError {
  readonly message: string;
  /** It is no JSON at all, or not in UTF-8. */
  readonly isSyntax: boolean;
  constructor(message: string, isSyntax = false) {
    this.message = message;
    this.isSyntax = isSyntax;
  }
}

const encoder = new TextEncoder();

export function encodeMessage(message: JsonRpcMessage): Uint8Array {
  return encoder.encode(formatJson(messageJson(message)));
}

/**
 * A message that is written to whoever may be in the same system: a JsonRpcDecoder there takes it as it is, without text in between.
 * What it holds is never changed by either side.
 */
export class SentMessage {
  readonly #message: JsonRpcMessage;

  constructor(message: JsonRpcMessage) {
    this.#message = message;
  }

  bytes(): Uint8Array {
    return encodeMessage(this.#message);
  }

  /** What a reader of the bytes reads; undefined if it is only certain after reading them. */
  get meaning(): JsonRpcMessage | undefined {
    const message = this.#message;
    if (message instanceof SaidMessage) return message.said.exact ? message : undefined;
    switch (message.type) {
      case "request":
        return isPlain(message.params) && isPlain(message.method) && isId(message.id) ? message : undefined;
      case "notification":
        return isPlain(message.params) && isPlain(message.method) ? message : undefined;
      case "reply":
        return isPlain(message.result) && isId(message.id) ? message : undefined;
      case "error":
        return isPlain(message.error) && message.error !== null && isId(message.id) ? message : undefined;
    }
  }
}

/** Without one, a request is a notification, and a reply is none. */
function isId(id: Json): boolean {
  return id !== null && isPlain(id);
}

function messageJson(message: JsonRpcMessage): Json {
  switch (message.type) {
    case "request":
      return { id: message.id, method: message.method, params: message.params };
    case "notification":
      return { id: null, method: message.method, params: message.params };
    case "reply":
      return { id: message.id, result: message.result, error: null };
    case "error":
      return { id: message.id, error: message.error };
  }
}

type Kind = JsonRpcMessage["type"];

/** In the order in which they are looked at, and whether a message of each kind has them. */
const MEMBERS: readonly (readonly [string, Readonly<Record<Kind, boolean>>])[] = [
  ["method", { request: true, notification: true, reply: false, error: false }],
  ["params", { request: true, notification: true, reply: false, error: false }],
  ["result", { request: false, notification: false, reply: true, error: false }],
  ["error", { request: false, notification: false, reply: false, error: true }],
  ["id", { request: true, notification: false, reply: true, error: true }],
];

/** What is wrong with a message of which something is (jsonrpc_is_valid_msg()). */
function defect(kind: Kind, members: Readonly<Record<string, Json>>): ProtocolError {
  for (const [name, wanted] of MEMBERS) {
    if (((members[name] ?? null) !== null) === wanted[kind]) continue;
    return new ProtocolError(`${kind} must ${wanted[kind] ? "" : "not "}have "${name}"`);
  }
  return new ProtocolError("message is incomplete");
}

/** A missing member and a null one are the same, as in Open vSwitch. */
function messageOf(json: Json): JsonRpcMessage | ProtocolError {
  if (!isObject(json)) return new ProtocolError("message is not a JSON object");
  const { method = null, params = null, result = null, error = null, id = null, ...rest } = json;
  const [extra] = Object.keys(rest);
  if (method !== null && typeof method !== "string") return new ProtocolError("method is not a JSON string");
  if (extra !== undefined) return new ProtocolError(`message has unexpected member "${extra}"`);
  if (params !== null && !isArray(params)) return new ProtocolError('"params" must be JSON array');
  if (result === null && error === null && method !== null && params !== null) {
    return id === null ? { type: "notification", method, params } : { type: "request", method, params, id };
  }
  if (method === null && params === null && id !== null && (result === null) !== (error === null)) {
    return error === null ? { type: "reply", result, id } : { type: "error", error, id };
  }
  const kind =
    result !== null ? "reply" : error !== null ? "error" : id !== null ? "request" : "notification";
  return defect(kind, { method, params, result, error, id });
}

/** Longest message that is taken, in characters. The original has no limit but its memory. */
const MESSAGE_LIMIT = 64 * 1024 * 1024;

export class JsonRpcDecoder {
  /** Made for the first bytes. */
  #decoder: TextDecoder | undefined;
  #parser = new JsonParser();
  #length = 0;
  #failed: ProtocolError | undefined;
  /** Nothing has come that had to be read as text, so that nothing can be left of it. */
  #onlyMessages = true;

  /** The messages that these bytes complete. After a ProtocolError nothing more is read. */
  feed(chunk: Uint8Array | { bytes(): Uint8Array }): (JsonRpcMessage | ProtocolError)[] {
    const out: (JsonRpcMessage | ProtocolError)[] = [];
    if (this.#failed) return out;
    const meaning = this.#onlyMessages && chunk instanceof SentMessage ? chunk.meaning : undefined;
    if (meaning !== undefined) return [meaning];
    this.#onlyMessages = false;
    let text: string;
    try {
      this.#decoder ??= new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
      text = this.#decoder.decode(chunk instanceof Uint8Array ? chunk : chunk.bytes(), { stream: true });
    } catch {
      return [this.#fail("invalid UTF-8")];
    }
    let at = 0;
    while (at < text.length) {
      const plain = this.#length === 0 ? parsePlain(text, at) : undefined;
      if (plain) {
        at = plain.end;
        if (!this.#take(messageOf(plain.json), out)) break;
        continue;
      }
      const end = this.#parser.feed(text, at);
      this.#length += end - at;
      at = end;
      if (this.#length > MESSAGE_LIMIT) return [...out, this.#fail("message too long")];
      if (!this.#parser.done) break;
      const json = this.#parser.finish();
      this.#parser = new JsonParser();
      this.#length = 0;
      const message =
        json instanceof JsonSyntaxError ? new ProtocolError(json.message, true) : messageOf(json);
      if (!this.#take(message, out)) break;
    }
    return out;
  }

  /** False if it ends the stream. */
  #take(message: JsonRpcMessage | ProtocolError, out: (JsonRpcMessage | ProtocolError)[]): boolean {
    out.push(message);
    if (!(message instanceof ProtocolError)) return true;
    this.#failed = message;
    return false;
  }

  #fail(message: string): ProtocolError {
    this.#failed = new ProtocolError(message, true);
    return this.#failed;
  }
}
