// What the server tells on its own account, until the tool is ended; in the background a control socket can end it, hold it up, and
// change what it is told of.

import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Json } from "../../ovsproto/json.ts";
import { JsonSyntaxError, parseJson } from "../../ovsproto/json-parser.ts";
import { CommandError, ControlSocket } from "../ovs-daemons/control-socket.ts";
import { runDirectory } from "../ovsdb/remote.ts";
import { ConnectionLost } from "../ovsdb/rpc-client.ts";
import type { Notification } from "../ovsdb/rpc-client.ts";
import type { ClientSession } from "./session.ts";
import { ClientFatal } from "./session.ts";

/** Of coverage. */
const COUNTERS = 112;

class Control {
  exiting = false;
  /** Nothing is read from the server. */
  blocked = false;
  readonly socket: ControlSocket;
  readonly #session: ClientSession;

  /** Errors: ClientFatal. */
  constructor(session: ClientSession, commands: readonly ControlCommand[]) {
    this.#session = session;
    const { process } = session;
    const path = `${runDirectory(process)}/ovsdb-client.${process.pid}.ctl`;
    try {
      this.socket = new ControlSocket(
        process,
        path,
        "ovsdb-client (Open vSwitch) 3.1.0",
        session.toolLog,
        COUNTERS,
      );
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new ClientFatal(`failed to create unixctl server (${strerror(error.errno)})`);
    }
    this.socket.register("exit", "", 0, 0, () => {
      this.exiting = true;
      return "";
    });
    for (const [name, usage, run] of commands) {
      const { length } = usage.split(" ").filter((word) => word !== "");
      this.socket.register(name, usage, length, length, (words) => run(this, words));
    }
  }

  block(blocked: boolean): string {
    if (this.blocked === blocked) return blocked ? "already blocking" : "already unblocked";
    this.blocked = blocked;
    return "";
  }

  /** Sends a request whose answer is printed as it comes, or not at all. */
  send(method: string, params: readonly Json[]): void {
    this.#session.client.send(method, params);
  }
}

/** Name, arguments, and what is done; its result is the answer. */
export type ControlCommand = readonly [
  string,
  string,
  (control: Control, words: readonly string[]) => string,
];

export const MONITOR_COMMANDS: readonly ControlCommand[] = [
  ["ovsdb-client/block", "", (control) => control.block(true)],
  ["ovsdb-client/unblock", "", (control) => control.block(false)],
  ["ovsdb-client/cond_change", "TABLE COND", changeCondition],
];

export const LOCK_COMMANDS: readonly ControlCommand[] = ["lock", "steal", "unlock"].map((method) => [
  method,
  "LOCK",
  (control, [lock = ""]) => {
    control.send(method, [lock]);
    return "";
  },
]);

function changeCondition(control: Control, [table = "", text = ""]: readonly string[]): string {
  const where = parseJson(text);
  if (where instanceof JsonSyntaxError) throw new CommandError(where.message);
  control.send("monitor_cond_change", [null, null, { [table]: [{ where }] }]);
  return "condition changed";
}

/** Errors: ClientFatal when the connection ends, and what `told` throws. */
export async function follow(
  session: ClientSession,
  commands: readonly ControlCommand[],
  told: (message: Notification) => void,
): Promise<void> {
  const { client, process, options, server } = session;
  const control = options.detach ? new Control(session, commands) : undefined;
  session.ready();
  try {
    for (;;) {
      control?.socket.serve();
      if (control?.exiting === true) return;
      const blocked = control?.blocked === true;
      if (!blocked) for (const message of client.notifications()) told(message);
      await process.wait([...(control?.socket.waits() ?? []), ...(blocked ? [] : [client.input])]);
    }
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error;
    throw new ClientFatal(`${server}: receive failed (${error.reason})`);
  } finally {
    control?.socket.close();
  }
}
