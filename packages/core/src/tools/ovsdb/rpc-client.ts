// A client's JSON-RPC connection: requests that wait for their reply, and what the server tells on its own account.

import { ERRNO, strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Json } from "../../ovsproto/json.ts";
import { equalJson } from "../../ovsproto/json.ts";
import type { JsonRpcMessage, Saying } from "../../ovsproto/json-rpc.ts";
import { JsonRpcDecoder, ProtocolError, SaidRequest, SentMessage } from "../../ovsproto/json-rpc.ts";
import type { Process } from "../../system/process.ts";
import type { StreamSocket } from "../../system/stream-sockets.ts";
import { readLazily, writeLazily } from "../../system/streams.ts";
import type { LazyBytes, Waitable } from "../../system/streams.ts";
import type { Nanoseconds } from "../../system/system.ts";
import type { StreamSsl } from "../../stream-ssl/stream-ssl.ts";
import { openRemote } from "./remote.ts";
import type { ToolLog } from "./tool-log.ts";

export type Notification = Extract<JsonRpcMessage, { type: "notification" }>;
type Reply = Extract<JsonRpcMessage, { type: "reply" }>;

/** The connection is of no use any more; `reason` is in the words of Open vSwitch. */
export class ConnectionLost {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

/** The server has refused a request. */
export class RequestRefused {
  readonly error: Json;
  constructor(error: Json) {
    this.error = error;
  }
}

const END_OF_FILE = "End of file";

export class RpcClient {
  /** When waiting for a message ends in ConnectionLost, on the system's clock; without it there is no limit. */
  deadline: Nanoseconds | undefined;
  readonly #process: Process;
  readonly #socket: StreamSocket;
  readonly #remote: string;
  readonly #log: ToolLog | undefined;
  readonly #decoder = new JsonRpcDecoder();
  readonly #received: JsonRpcMessage[] = [];
  readonly #notifications: Notification[] = [];
  #nextId = 0;

  private constructor(process: Process, socket: StreamSocket, remote: string, log: ToolLog | undefined) {
    this.#remote = remote;
    this.#log = log;
    this.#process = process;
    this.#socket = socket;
  }

  /** Errors: ConnectionLost. */
  static async open(process: Process, remote: string, ssl?: StreamSsl, log?: ToolLog): Promise<RpcClient> {
    try {
      return new RpcClient(process, await openRemote(process, remote, ssl, log), remote, log);
    } catch (error) {
      throw lost(error);
    }
  }

  close(): void {
    this.#socket.close();
  }

  /** Ready when something has come that has not been read. */
  get input(): Waitable {
    return this.#socket.input;
  }

  /** Sends a request without waiting; its id. Errors: ConnectionLost. */
  send(method: string, params: readonly Json[]): number {
    const id = this.#nextId++;
    this.#write({ type: "request", method, params, id });
    return id;
  }

  /** The same of what a server in the same system takes as it is. */
  say(method: string, params: Saying<readonly Json[]>): number {
    const id = this.#nextId++;
    this.#write(new SaidRequest(method, id, params));
    return id;
  }

  notify(method: string, params: readonly Json[]): void {
    this.#write({ type: "notification", method, params });
  }

  #write(message: JsonRpcMessage): void {
    try {
      writeLazily(this.#socket.output, new SentMessage(message));
    } catch (error) {
      throw lost(error);
    }
  }

  /** The reply to a request. Errors: RequestRefused, ConnectionLost. */
  async request(method: string, params: readonly Json[]): Promise<Json> {
    return this.reply(this.send(method, params));
  }

  async reply(id: Json): Promise<Json> {
    return (await this.message(id)).result;
  }

  /** The reply as it has come. Errors: RequestRefused, ConnectionLost. */
  async message(id: Json): Promise<Reply> {
    for (;;) {
      const message = await this.#next();
      if (message.type === "notification") this.#notifications.push(message);
      else if (message.type === "reply" && equalJson(message.id, id)) return message;
      else if (message.type === "error" && equalJson(message.id, id)) throw new RequestRefused(message.error);
    }
  }

  /** What has been told since the last call, without waiting. Errors: ConnectionLost. */
  notifications(): Notification[] {
    this.#drain();
    for (const message of this.#received.splice(0)) {
      if (message.type === "notification") this.#notifications.push(message);
    }
    return this.#notifications.splice(0);
  }

  /** The next message that the server sends on its own account. Errors: ConnectionLost. */
  async notification(): Promise<Notification> {
    const waiting = this.#notifications.shift();
    if (waiting) return waiting;
    for (;;) {
      const message = await this.#next();
      if (message.type === "notification") return message;
    }
  }

  async #next(): Promise<JsonRpcMessage> {
    for (;;) {
      const message = this.#received.shift();
      if (message) return message;
      this.#drain();
      if (this.#received.length === 0) await this.#wait();
    }
  }

  async #wait(): Promise<void> {
    const left = this.deadline === undefined ? undefined : this.deadline - this.#process.monotonic();
    const end = await this.#process.wait([this.#socket.input], left);
    if (end === "timeout") throw new ConnectionLost("no answer");
  }

  /** Reads all that has come; echo requests are answered. */
  #drain(): void {
    for (;;) {
      let bytes: Uint8Array | LazyBytes | null | undefined;
      try {
        bytes = readLazily(this.#socket.input);
      } catch (error) {
        if (error instanceof Refusal) {
          this.#log?.write("jsonrpc", "warn", `${this.#remote}: receive error: ${strerror(error.errno)}`);
        }
        throw lost(error);
      }
      if (bytes === undefined) return;
      if (bytes === null) {
        if (this.#received.length > 0) return;
        throw new ConnectionLost(END_OF_FILE);
      }
      for (const message of this.#decoder.feed(bytes)) {
        if (message instanceof ProtocolError) throw new ConnectionLost(strerror(ERRNO.EPROTO));
        if (message.type === "request" && message.method === "echo") {
          this.#write({ type: "reply", result: message.params, id: message.id });
        } else this.#received.push(message);
      }
    }
  }
}

function lost(error: unknown): unknown {
  return error instanceof Refusal ? new ConnectionLost(strerror(error.errno)) : error;
}
