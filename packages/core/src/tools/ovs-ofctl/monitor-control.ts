/** The control socket of `ovs-ofctl monitor` and `snoop` (ovs-ofctl(8), "Runtime management commands"). */
import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { scanHexBytes } from "../../ovsproto/openflow/hex-bytes.ts";
import { encodeMessage } from "../../ovsproto/openflow/message-encode.ts";
import { formatMessage } from "../../ovsproto/openflow/message-text.ts";
import { readU16BE } from "../../wire/bytes.ts";
import type { OpenFile } from "../../system/files.ts";
import type { Waitable } from "../../system/streams.ts";
import { CommandError, ControlSocket } from "../ovs-daemons/control-socket.ts";
import { absolute } from "../ovs-daemons/daemon-options.ts";
import { runDirectory } from "../ovsdb/remote.ts";
import { parsePacketOut } from "./packet-out.ts";
import { Fatal } from "./ofctl-context.ts";
import type { Ofctl } from "./ofctl-context.ts";
import type { Vconn } from "./vconn.ts";

/** Of coverage. */
const COUNTERS = 110;
const encoder = new TextEncoder();

export class MonitorControl {
  exiting = false;
  /** Nothing is read from the switch. */
  blocked = false;
  readonly #ofctl: Ofctl;
  readonly #vconn: Vconn;
  readonly #socket: ControlSocket;
  /** Who waits for a barrier, by transaction. */
  readonly #barriers = new Map<number, () => void>();
  #output: OpenFile | undefined;

  constructor(ofctl: Ofctl, vconn: Vconn) {
    this.#ofctl = ofctl;
    this.#vconn = vconn;
    const { process, options } = ofctl;
    const path = absolute(options.unixctl ?? `ovs-ofctl.${process.pid}.ctl`, runDirectory(process));
    try {
      this.#socket = new ControlSocket(
        process,
        path,
        "ovs-ofctl (Open vSwitch) 3.1.0",
        ofctl.toolLog,
        COUNTERS,
      );
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new Fatal("failed to create unixctl server", error.errno);
    }
    this.#register();
  }

  #register(): void {
    const socket = this.#socket;
    socket.register("exit", "", 0, 0, () => {
      this.exiting = true;
      return "";
    });
    socket.register("ofctl/barrier", "", 0, 0, (_, answer) => {
      this.#barrier(() => answer(""));
      return undefined;
    });
    socket.register("ofctl/block", "", 0, 0, () => this.#block(true));
    const usage = '"in_port=<port> packet=<hex data> actions=..."';
    socket.register("ofctl/packet-out", usage, 1, 1, ([text = ""]) => this.#packetOut(text));
    socket.register("ofctl/send", "OFMSG...", 1, Infinity, (args) => this.#send(args));
    socket.register("ofctl/set-output-file", "FILE", 1, 1, ([path = ""]) => this.#redirect(path));
    socket.register("ofctl/unblock", "", 0, 0, () => this.#block(false));
  }

  close(): void {
    this.#socket.close();
    this.#output?.close();
  }

  waits(): Waitable[] {
    return this.#socket.waits();
  }

  /** Answers all that has been asked. */
  serve(): void {
    this.#socket.serve();
  }

  print(text: string): void {
    if (this.#output) this.#output.write(encoder.encode(text));
    else this.#ofctl.process.warn(text);
  }

  printSent(bytes: Uint8Array, verbosity: number): void {
    this.print(`send: ${formatMessage(bytes, { verbosity })}`);
  }

  barrierDone(xid: number): void {
    this.#barriers.get(xid)?.();
    this.#barriers.delete(xid);
  }

  #send(messages: readonly string[]): string {
    const wrong = (text: string): string | undefined => {
      const { bytes, rest } = scanHexBytes(text);
      if (rest !== "") return "Trailing garbage in hex data";
      if (bytes.length < 8) return "Message too short for OpenFlow";
      if (readU16BE(bytes, 2) !== bytes.length)
        return "Message size does not match length in OpenFlow header";
      this.printSent(bytes, this.#ofctl.options.verbosity);
      this.#vconn.sendBytes(bytes);
      return undefined;
    };
    // one that is wrong does not keep others from being sent
    const faults = messages.map(wrong);
    const answer = faults.map((fault) => `${fault ?? "sent"}\n`).join("");
    if (faults.some((fault) => fault !== undefined)) throw new CommandError(answer);
    return answer;
  }

  #packetOut(text: string): string {
    try {
      const { body } = parsePacketOut(this.#ofctl, text, {});
      const { version } = this.#vconn;
      const bytes = encodeMessage({ version, xid: this.#ofctl.nextXid(), body });
      this.print(formatMessage(bytes, { verbosity: this.#ofctl.options.verbosity }));
      this.#vconn.sendBytes(bytes);
    } catch (error) {
      if (!(error instanceof Fatal)) throw error;
      throw new CommandError(error.message);
    }
    return "";
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
    if (this.blocked === blocked) return blocked ? "already blocking" : "already unblocked";
    this.blocked = blocked;
    return "";
  }
}
