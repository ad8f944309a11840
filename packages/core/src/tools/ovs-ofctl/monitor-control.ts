/** The control socket of `ovs-ofctl monitor` and `snoop` (ovs-ofctl(8), "Runtime management commands"): unixctl, as daemons have it. */
import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { encodeMessage as encodeRpc, JsonRpcDecoder } from "../../ovsproto/json-rpc.ts";
import type { JsonRpcMessage } from "../../ovsproto/json-rpc.ts";
import { scanHexBytes } from "../../ovsproto/openflow/hex-bytes.ts";
import { encodeMessage } from "../../ovsproto/openflow/message-encode.ts";
import { formatMessage } from "../../ovsproto/openflow/message-text.ts";
import type { OpenFile } from "../../system/files.ts";
import type { StreamListener, StreamSocket } from "../../system/stream-sockets.ts";
import type { Waitable } from "../../system/streams.ts";
import { absolute } from "../ovs-daemons/daemon-options.ts";
import { runDirectory } from "../ovsdb/remote.ts";
import { Fatal } from "./ofctl-context.ts";
import type { Ofctl } from "./ofctl-context.ts";
import type { Vconn } from "./vconn.ts";

interface Connection {
  readonly socket: StreamSocket;
  readonly decoder: JsonRpcDecoder;
}

interface Command {
  readonly usage: string;
  readonly least: number;
  readonly most: number;
  /** Undefined: the answer comes later. Errors: CommandError. */
  readonly run: (args: readonly string[], answer: (text: string) => void) => string | undefined;
}

class CommandError {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

const encoder = new TextEncoder();

export class MonitorControl {
  exiting = false;
  /** Nothing is read from the switch. */
  blocked = false;
  readonly #ofctl: Ofctl;
  readonly #vconn: Vconn;
  readonly #listener: StreamListener;
  readonly #connections = new Set<Connection>();
  /** Who waits for a barrier, by transaction. */
  readonly #barriers = new Map<number, () => void>();
  #output: OpenFile | undefined;
  readonly #path: string;

  constructor(ofctl: Ofctl, vconn: Vconn) {
    this.#ofctl = ofctl;
    this.#vconn = vconn;
    const { process, options } = ofctl;
    this.#path = absolute(options.unixctl ?? `ovs-ofctl.${process.pid}.ctl`, runDirectory(process));
    try {
      this.#listener = process.listenStream({ family: "unix", path: this.#path });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new Fatal("failed to create unixctl server", error.errno);
    }
  }

  close(): void {
    for (const { socket } of this.#connections) socket.close();
    this.#listener.close();
    try {
      this.#ofctl.process.files.unlink(this.#path);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error; // somebody else has removed it
    }
    this.#output?.close();
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

  print(text: string): void {
    if (this.#output) this.#output.write(encoder.encode(text));
    else this.#ofctl.process.warn(text);
  }

  printSent(bytes: Uint8Array): void {
    this.print(`send: ${formatMessage(bytes, { verbosity: this.#ofctl.options.verbosity + 2 })}`);
  }

  barrierDone(xid: number): void {
    this.#barriers.get(xid)?.();
    this.#barriers.delete(xid);
  }

  #answer(
    connection: Connection,
    { method, params, id }: Extract<JsonRpcMessage, { type: "request" }>,
  ): void {
    const reply = (type: "reply" | "error", text: string): void => {
      const line = text === "" || text.endsWith("\n") ? text : `${text}\n`;
      const message: JsonRpcMessage =
        type === "reply" ? { type, result: line, id } : { type, error: line, id };
      try {
        connection.socket.output.write(encodeRpc(message));
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

  #command(name: string, count: number): Command {
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

  #send(messages: readonly string[]): string {
    let sent = "";
    for (const text of messages) {
      const { bytes, rest } = scanHexBytes(text);
      if (rest !== "") throw new CommandError(`${sent}Trailing garbage in hex data`);
      if (bytes.length < 8) throw new CommandError(`${sent}Message too short for OpenFlow`);
      const whole = bytes.slice();
      whole[2] = whole.length >> 8;
      whole[3] = whole.length & 0xff;
      this.printSent(whole);
      this.#vconn.sendBytes(whole);
      sent += "sent\n";
    }
    return sent;
  }

  #barrier(answer: () => void): void {
    if (this.#barriers.size > 0) throw new CommandError("already waiting for barrier reply");
    const xid = this.#ofctl.nextXid();
    const { version } = this.#vconn;
    this.#barriers.set(xid, answer);
    this.#vconn.sendBytes(encodeMessage({ version, xid, body: { type: "barrier_request" } }));
  }

  #redirect(path: string): string {
    try {
      const file = this.#ofctl.process.files.open(path, { write: true, create: true, truncate: true });
      this.#output?.close();
      this.#output = file;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new CommandError(strerror(error.errno));
    }
    return "";
  }

  #block(blocked: boolean): string {
    if (this.blocked === blocked) throw new CommandError(blocked ? "already blocking" : "already unblocked");
    this.blocked = blocked;
    return "";
  }

  readonly #commands: ReadonlyMap<string, Command> = new Map<string, Command>([
    [
      "exit",
      {
        usage: "",
        least: 0,
        most: 0,
        run: () => {
          this.exiting = true;
          return "";
        },
      },
    ],
    ["list-commands", { usage: "", least: 0, most: 0, run: () => this.#list() }],
    [
      "ofctl/barrier",
      {
        usage: "",
        least: 0,
        most: 0,
        run: (_, answer) => {
          this.#barrier(() => answer(""));
          return undefined;
        },
      },
    ],
    ["ofctl/block", { usage: "", least: 0, most: 0, run: () => this.#block(true) }],
    ["ofctl/send", { usage: "OFMSG...", least: 1, most: Infinity, run: (args) => this.#send(args) }],
    [
      "ofctl/set-output-file",
      { usage: "FILE", least: 1, most: 1, run: ([path = ""]) => this.#redirect(path) },
    ],
    ["ofctl/unblock", { usage: "", least: 0, most: 0, run: () => this.#block(false) }],
    ["version", { usage: "", least: 0, most: 0, run: () => "ovs-ofctl (Open vSwitch) 3.1.0" }],
  ]);

  #list(): string {
    const lines = [...this.#commands].map(([name, { usage }]) => `  ${name.padEnd(23)} ${usage}\n`);
    return `The available commands are:\n${lines.join("")}`;
  }
}
