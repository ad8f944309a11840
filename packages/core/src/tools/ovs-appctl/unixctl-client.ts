// A request to a daemon's control socket: unixctl, JSON-RPC 1.0 over a unix socket (Open vSwitch's lib/unixctl.c).

import { ERRNO, strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { encodeMessage, JsonRpcDecoder, ProtocolError } from "../../ovsproto/json-rpc.ts";
import type { Process } from "../../system/process.ts";
import { logLine } from "../ovsdb/log-line.ts";
import { runDirectory } from "../ovsdb/remote.ts";

export type Answer =
  | { readonly type: "result"; readonly text: string }
  | { readonly type: "error"; readonly text: string }
  /** The transaction itself failed. */
  | { readonly type: "broken"; readonly errno: number };

/** Errors: Refusal if nobody listens there. */
export async function callDaemon(
  process: Process,
  path: string,
  method: string,
  args: readonly string[],
): Promise<Answer> {
  const socket = process.connectStream({ family: "unix", path });
  try {
    socket.output.write(encodeMessage({ type: "request", method, params: args, id: 0 }));
    const decoder = new JsonRpcDecoder();
    for (;;) {
      const bytes = await process.read(socket.input);
      if (bytes === null || bytes === undefined) return { type: "broken", errno: -1 };
      for (const message of decoder.feed(bytes)) {
        if (message instanceof ProtocolError) return { type: "broken", errno: ERRNO.EPROTO };
        if (message.type === "reply") return { type: "result", text: String(message.result) };
        if (message.type === "error") return { type: "error", text: String(message.error) };
      }
    }
  } catch (error) {
    if (error instanceof Refusal && error.errno === ERRNO.EPIPE)
      return { type: "broken", errno: error.errno };
    throw error;
  } finally {
    socket.close();
  }
}

/** Where the daemon of that name listens, by its pid file. Errors: text. */
export function controlPath(process: Process, target: string): string | { readonly error: string } {
  if (target.startsWith("/")) return target;
  const folder = runDirectory(process);
  const pidFile = `${folder}/${target}.pid`;
  try {
    const text = new TextDecoder().decode(process.files.readFile(pidFile));
    return `${folder}/${target}.${text.trim()}.ctl`;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    process.warn(logLine(process, 1, "daemon_unix", "WARN", `${pidFile}: open: ${strerror(error.errno)}`));
    return { error: `cannot read pidfile "${pidFile}" (${strerror(error.errno)})` };
  }
}
