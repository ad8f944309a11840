// The control socket of a tool that goes on running (Open vSwitch's lib/unixctl.c): JSON-RPC requests whose method is a command and
// whose parameters are its arguments; the answer is text.

import { Refusal } from "../../netlink/refusal.ts";
import { encodeMessage, JsonRpcDecoder } from "../../ovsproto/json-rpc.ts";
import type { JsonRpcMessage } from "../../ovsproto/json-rpc.ts";
import type { Process } from "../../system/process.ts";
import type { StreamListener, StreamSocket } from "../../system/stream-sockets.ts";
import type { Waitable } from "../../system/streams.ts";
import { LogSettingError } from "../../vswitch/daemon/log/levels.ts";
import { registerLogCommands } from "../../vswitch/daemon/log/log-commands.ts";
import type { ToolLog } from "../ovsdb/tool-log.ts";

/** Of counters that are all 0. */
const NOTHING_COUNTED =
  "Event coverage, avg rate over last: 5 seconds, last minute, last hour,  hash=63852afc:\n";

interface Connection {
  readonly socket: StreamSocket;
  readonly decoder: JsonRpcDecoder;
}

type Request = Extract<JsonRpcMessage, { type: "request" }>;

export interface ControlCommand {
  readonly usage: string;
  readonly least: number;
  readonly most: number;
  /** Undefined: the answer comes later. Errors: CommandError. */
  readonly run: (args: readonly string[], answer: (text: string) => void) => string | undefined;
}

/** A command that cannot be done, with the text that the client gets. */
export class CommandError {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

export class ControlSocket {
  readonly #process: Process;
  readonly #path: string;
  readonly #commands = new Map<string, ControlCommand>();
  readonly #listener: StreamListener;
  readonly #connections = new Set<Connection>();

  /** @param counters events that the original's program can count: ours counts none. Errors: Refusal. */
  constructor(process: Process, path: string, version: string, log: ToolLog, counters: number) {
    this.#process = process;
    this.#path = path;
    this.#listener = process.listenStream({ family: "unix", path });
    this.register("list-commands", "", 0, 0, () => this.#list());
    this.register("version", "", 0, 0, () => version);
    registerLogCommands((name, usage, least, most, run) => {
      this.register(name, usage, least, most, (args) => {
        try {
          return run(args);
        } catch (error) {
          throw error instanceof LogSettingError ? new CommandError(error.message) : error;
        }
      });
    }, log.vlog);
    this.register("coverage/show", "", 0, 0, () => `${NOTHING_COUNTED}${counters} events never hit\n`);
    this.register("coverage/read-counter", "COUNTER", 1, 1, () => {
      throw new CommandError("No such counter");
    });
  }

  register(name: string, usage: string, least: number, most: number, run: ControlCommand["run"]): void {
    this.#commands.set(name, { usage, least, most, run });
  }

  close(): void {
    for (const { socket } of this.#connections) socket.close();
    this.#listener.close();
    try {
      this.#process.files.unlink(this.#path);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error; // somebody else has removed it
    }
  }

  waits(): Waitable[] {
    return [this.#listener, ...[...this.#connections].map(({ socket }) => socket.input)];
  }

  /** Answers all that has been asked. */
  serve(): void {
    for (;;) {
      const socket = this.#listener.accept();
      if (!socket) break;
      this.#connections.add({ socket, decoder: new JsonRpcDecoder() });
    }
    for (const connection of [...this.#connections]) {
      const bytes = connection.socket.input.read();
      if (bytes === undefined) continue;
      if (bytes === null) {
        this.#drop(connection);
        continue;
      }
      for (const message of connection.decoder.feed(bytes)) {
        if ("type" in message && message.type === "request") this.#answer(connection, message);
        else this.#drop(connection);
      }
    }
  }

  #drop(connection: Connection): void {
    connection.socket.close();
    this.#connections.delete(connection);
  }

  #answer(connection: Connection, { method, params, id }: Request): void {
    const reply = (type: "reply" | "error", text: string): void => {
      const line = text === "" || text.endsWith("\n") ? text : `${text}\n`;
      const message: JsonRpcMessage =
        type === "reply" ? { type, result: line, id } : { type, error: line, id };
      try {
        connection.socket.output.write(encodeMessage(message));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        this.#drop(connection); // it has gone without waiting for the answer
      }
    };
    const args = params.map(String);
    try {
      const text = this.#command(method, args.length).run(args, (later) => reply("reply", later));
      if (text !== undefined) reply("reply", text);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      reply("error", error.message);
    }
  }

  #command(name: string, count: number): ControlCommand {
    const command = this.#commands.get(name);
    if (!command)
      throw new CommandError(
        `"${name}" is not a valid command (use "list-commands" to see a list of valid commands)`,
      );
    const { least, most } = command;
    if (count < least) throw new CommandError(`"${name}" command requires at least ${least} arguments`);
    if (count > most) throw new CommandError(`"${name}" command takes at most ${most} arguments`);
    return command;
  }

  #list(): string {
    const lines = [...this.#commands]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { usage }]) => `  ${name.padEnd(23)} ${usage}\n`);
    return `The available commands are:\n${lines.join("")}`;
  }
}
