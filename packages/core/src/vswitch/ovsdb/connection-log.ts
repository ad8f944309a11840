// What a daemon logs of a JSON-RPC connection (Open vSwitch's lib/jsonrpc.c and lib/reconnect.c).

import { ERRNO, strerror } from "../../netlink/errno.ts";
import { formatJson } from "../../ovsproto/json.ts";
import type { JsonRpcMessage, ProtocolError } from "../../ovsproto/json-rpc.ts";
import { guessContent } from "../../stream-ssl/content-guess.ts";
import type { Vlog } from "../daemon/log/vlog.ts";

const CONTENT = "JSON-RPC";

export class ConnectionLog {
  readonly #vlog: Vlog;
  readonly name: string;

  constructor(vlog: Vlog, name: string) {
    this.#vlog = vlog;
    this.name = name;
  }

  #reconnect(level: "warn" | "dbg", text: string): void {
    this.#vlog.log("reconnect", level, `${this.name}: ${text}`);
  }

  #jsonrpc(place: string, text: string): void {
    this.#vlog.limited(`jsonrpc ${place}`, "jsonrpc", "warn", `${this.name}: ${text}`);
  }

  accepted(): void {
    if (!this.#vlog.writes("reconnect", "dbg")) return;
    const steps = ["connecting...", "entering CONNECTING", "connected", "entering ACTIVE"];
    for (const step of steps) this.#reconnect("dbg", step);
  }

  message(direction: "received" | "send", message: JsonRpcMessage): void {
    if (!this.#vlog.writes("jsonrpc", "dbg")) return;
    const parts: string[] = [message.type];
    if ("method" in message) parts.push(`method=${formatJson(message.method)}`);
    if ("params" in message) parts.push(`params=${formatJson(message.params)}`);
    if ("result" in message) parts.push(`result=${formatJson(message.result)}`);
    if ("error" in message) parts.push(`error=${formatJson(message.error)}`);
    if ("id" in message) parts.push(`id=${formatJson(message.id)}`);
    this.#vlog.log("jsonrpc", "dbg", `${this.name}: ${direction} ${parts.join(", ")}`);
  }

  /** @param head the first bytes of the stream */
  malformed({ message, isSyntax }: ProtocolError, head: Uint8Array): void {
    if (!isSyntax) {
      this.#jsonrpc("message", `received bad JSON-RPC message: ${message}`);
    } else {
      this.#jsonrpc("stream", `error parsing stream: ${message}`);
      const content = guessContent(head);
      if (content !== undefined && content !== CONTENT) {
        this.#jsonrpc("content", `received ${content} data on ${CONTENT} channel`);
      }
    }
    this.dropped(ERRNO.EPROTO);
  }

  /** A message that only a client gets. */
  unexpected(what: string): void {
    const text = `${this.name}: received unexpected ${what} message`;
    this.#vlog.limited("ovsdb_jsonrpc_server unexpected", "ovsdb_jsonrpc_server", "warn", text);
    if (!this.#vlog.writes("reconnect", "dbg")) return;
    this.#reconnect("dbg", "entering RECONNECT");
    this.#reconnect("dbg", "connection attempt timed out");
    this.#reconnect("dbg", "entering VOID");
  }

  receiveFailed(errno: number): void {
    this.#jsonrpc("receive", `receive error: ${strerror(errno)}`);
    this.dropped(errno);
  }

  dropped(errno: number): void {
    this.#reconnect("warn", `connection dropped (${strerror(errno)})`);
    this.#reconnect("dbg", "entering VOID");
  }

  closedByPeer(): void {
    if (!this.#vlog.writes("reconnect", "dbg")) return;
    this.#reconnect("dbg", "connection closed by peer");
    this.#reconnect("dbg", "entering VOID");
  }
}
