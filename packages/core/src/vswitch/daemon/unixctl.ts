// The control socket of a daemon (Open vSwitch's lib/unixctl.c): JSON-RPC requests whose method is a command and whose
// parameters are its arguments; the answer is text.

import { formatJson } from "../../ovsproto/json.ts";
import type { JsonRpcMessage } from "../../ovsproto/json-rpc.ts";
import type { StreamSocket } from "../../system/stream-sockets.ts";
import { JsonRpcConnection } from "../ovsdb/connection.ts";
import type { DaemonHost } from "./host.ts";

/** A command that cannot be done, with the text that the client gets. */
export class CommandError {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

export interface Command {
  /** Undefined: `list-commands` does not tell of it. */
  readonly usage: string | undefined;
  readonly minArguments: number;
  readonly maxArguments: number;
  /** Arguments without the command's name; a promise is answered when it is kept. Errors: CommandError. */
  run(args: readonly string[]): string | Promise<string>;
}

/** What a control socket needs of its daemon: `after` is about true time, which never stops. */
export type ControlHost = Pick<DaemonHost, "after" | "coverage" | "vlog">;

/** Answers end a line. */
function wholeLine(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

export class UnixctlServer {
  readonly #host: ControlHost;
  readonly #commands = new Map<string, Command>();
  readonly #connections = new Set<JsonRpcConnection>();

  constructor(host: ControlHost) {
    this.#host = host;
    this.register("list-commands", "", 0, 0, () => this.#list());
  }

  register(
    name: string,
    usage: string | undefined,
    minArguments: number,
    maxArguments: number,
    run: (args: readonly string[]) => string | Promise<string>,
  ): void {
    this.#commands.set(name, { usage, minArguments, maxArguments, run });
  }

  usageOf(name: string): string | undefined {
    return this.#commands.get(name)?.usage;
  }

  /** Told of each connection. */
  onConnection: () => void = () => {};

  accept(socket: StreamSocket): void {
    this.onConnection();
    const connection = new JsonRpcConnection(socket, (fire) => this.#host.after(0, fire), {
      received: (message) => this.#received(connection, message),
      closed: () => this.#connections.delete(connection),
    });
    this.#connections.add(connection);
  }

  #received(connection: JsonRpcConnection, message: JsonRpcMessage): void {
    if (message.type !== "request") return;
    this.#host.coverage.count("unixctl_received");
    const args = message.params.filter((each) => typeof each === "string");
    const { id } = message;
    if (args.length !== message.params.length) {
      connection.send({ type: "error", error: `"${message.method}" command has non-string argument`, id });
      return;
    }
    const { vlog } = this.#host;
    const words = args.map((arg) => formatJson(arg)).join(",");
    vlog.log("unixctl", "dbg", `received request ${message.method}[${words}], id=${formatJson(id)}`);
    const reply = (type: "reply" | "error", text: string) => {
      this.#host.coverage.count("unixctl_replied");
      const outcome = type === "reply" ? "success" : "error";
      vlog.log("unixctl", "dbg", `replying with ${outcome}, id=${formatJson(id)}: "${text}"`);
      connection.send(
        type === "reply" ? { type, result: wholeLine(text), id } : { type, error: wholeLine(text), id },
      );
    };
    try {
      const answer = this.#call(message.method, args);
      if (typeof answer === "string") reply("reply", answer);
      else void answer.then((text) => reply("reply", text));
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      reply("error", error.message);
    }
  }

  /** What a command that answers at once says. Errors: CommandError. */
  run(name: string, args: readonly string[]): string {
    const answer = this.#call(name, args);
    if (typeof answer !== "string") throw new Error(`${name} answers later`);
    return answer;
  }

  #call(name: string, args: readonly string[]): string | Promise<string> {
    const command = this.#commands.get(name);
    if (!command) {
      throw new CommandError(
        `"${name}" is not a valid command (use "list-commands" to see a list of valid commands)`,
      );
    }
    if (args.length < command.minArguments) {
      throw new CommandError(`"${name}" command requires at least ${command.minArguments} arguments`);
    }
    if (args.length > command.maxArguments) {
      throw new CommandError(`"${name}" command takes at most ${command.maxArguments} arguments`);
    }
    return command.run(args);
  }

  #list(): string {
    const lines = [...this.#commands]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([name, { usage }]) => (usage === undefined ? [] : `  ${name.padEnd(23)} ${usage}`));
    return `The available commands are:\n${lines.join("\n")}\n`;
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
    this.#connections.clear();
  }
}
