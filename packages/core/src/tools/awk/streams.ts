// What an awk program reads and writes: files, standard streams and commands, each open under its name until it is closed or the
// program ends (POSIX awk, Output Statements and Input Functions).

import { Refusal } from "../../netlink/refusal.ts";
import { exitCode } from "../../system/process.ts";
import type { Process } from "../../system/process.ts";
import type { OpenFile } from "../../system/files.ts";
import { Pipe } from "../../system/streams.ts";
import type { Descriptor } from "../../system/streams.ts";
import { descriptorNumber, openReader, untilWritable } from "../coreutils/streams.ts";
import type { Reader } from "../coreutils/streams.ts";
import type { Eventually } from "./eventually.ts";
import type { RecordSeparator } from "./fields.ts";

/** Bytes that are kept before they are written, as stdio does. */
const BLOCK = 4096;

export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

const decoder = new TextDecoder("latin1");

/** A character a byte. TextDecoder's latin1 is windows-1252, which differs from 0x80 to 0x9f. */
export function textOf(bytes: Uint8Array): string {
  if (bytes.every((byte) => byte < 0x80)) return decoder.decode(bytes);
  let text = "";
  for (let at = 0; at < bytes.length; at += BLOCK)
    text += String.fromCharCode(...bytes.subarray(at, at + BLOCK));
  return text;
}

/** Cuts what a reader gives into records. */
export class RecordReader {
  readonly #read: Reader;
  #text = "";
  #from = 0;
  #ended = false;

  constructor(read: Reader) {
    this.#read = read;
  }

  /** The next record; undefined at the end. Errors: Refusal of the read. */
  next(separator: RecordSeparator): Eventually<string | undefined> {
    if (separator.paragraphs) while (this.#text[this.#from] === "\n") this.#from++;
    const found = separator.find(this.#text, this.#from, this.#ended);
    if (found) {
      const record = this.#text.slice(this.#from, found.start);
      this.#from = found.end;
      return record;
    }
    return this.#ended ? this.#last(separator) : this.#more(separator);
  }

  #last(separator: RecordSeparator): string | undefined {
    const rest = this.#text.slice(this.#from);
    this.#text = "";
    this.#from = 0;
    if (rest === "") return undefined;
    return separator.paragraphs ? rest.replace(/\n$/, "") : rest;
  }

  async #more(separator: RecordSeparator): Promise<string | undefined> {
    const bytes = await this.#read();
    this.#text = this.#text.slice(this.#from) + (bytes === null ? "" : textOf(bytes));
    this.#from = 0;
    if (bytes === null) this.#ended = true;
    return this.next(separator);
  }
}

/** An open output. `close` gives what awk's close() returns. */
interface Output {
  write(text: string): Eventually<void>;
  flush(): Eventually<void>;
  close(): Eventually<number>;
}

interface Input {
  readonly records: RecordReader;
  close(): Eventually<number>;
}

export class AwkStreams {
  readonly #process: Process;
  readonly #outputs = new Map<string, Output>();
  readonly #inputs = new Map<string, Input>();
  /** Runs before a command starts: it shares the standard output. */
  readonly standard: Output;

  constructor(process: Process) {
    this.#process = process;
    this.standard = this.#descriptorOutput(1);
  }

  /** Opens what print writes to, or finds it open. Errors: Refusal of open(2). */
  output(operator: ">" | ">>" | "|", name: string): Output {
    const open = this.#outputs.get(name);
    if (open) return open;
    const output = operator === "|" ? this.#commandOutput(name) : this.#fileOutput(name, operator === ">>");
    this.#outputs.set(name, output);
    return output;
  }

  /** What getline reads from a file. Errors: Refusal of open(2). */
  file(name: string): RecordReader {
    const open = this.#inputs.get(name);
    if (open) return open.records;
    const records = new RecordReader(openReader(this.#process, name));
    this.#inputs.set(name, { records, close: () => 0 });
    return records;
  }

  /** What getline reads from a command. */
  async command(text: string): Promise<RecordReader> {
    const open = this.#inputs.get(text);
    if (open) return open.records;
    await this.flush();
    const pipe = new Pipe();
    const child = this.#start(text, 1, pipe.writer);
    const { input } = pipe;
    const records = new RecordReader(async () => {
      for (;;) {
        const bytes = await this.#process.read(input);
        if (bytes !== undefined) return bytes;
      }
    });
    this.#inputs.set(text, {
      records,
      close: () => {
        pipe.reader.release();
        return this.#statusOf(child);
      },
    });
    return records;
  }

  /** system(): the status of a command. */
  async run(text: string): Promise<number> {
    await this.flush();
    return this.#statusOf(this.#start(text));
  }

  /** fflush() of everything. */
  async flush(): Promise<void> {
    await this.standard.flush();
    for (const output of this.#outputs.values()) await output.flush();
  }

  /** -1 if no such output is open. */
  async flushOne(name: string): Promise<number> {
    const output = this.#outputs.get(name);
    await output?.flush();
    return output ? 0 : -1;
  }

  /** -1 if nothing is open under that name. */
  async close(name: string): Promise<number> {
    let status = -1;
    for (const open of [this.#outputs, this.#inputs]) {
      const stream = open.get(name);
      if (!stream) continue;
      open.delete(name);
      status = await stream.close();
    }
    return status;
  }

  /** What happens at the end of a program: commands see the end of their input and are waited for. */
  async closeAll(): Promise<void> {
    await this.standard.flush();
    for (const name of [...this.#outputs.keys()]) await this.close(name);
    for (const { close } of this.#inputs.values()) void close();
  }

  #start(text: string, fd?: number, end?: Descriptor): Process {
    const shell = this.#process.lookup("sh", this.#process);
    if (!shell) throw new Error("every system has a shell");
    const fds = new Map(this.#process.fds);
    if (fd !== undefined && end) fds.set(fd, end);
    const child = this.#process.spawn(shell, { argv: ["sh", "-c", text], fds });
    end?.release(); // it is the child's alone
    return child;
  }

  async #statusOf(child: Process): Promise<number> {
    for (;;) {
      const status = await this.#process.waitFor(child);
      if (status) return status.signal === undefined ? status.code : 128 + exitCode(status);
    }
  }

  #descriptorOutput(fd: number): Output {
    const process = this.#process;
    let held = "";
    const flush = (): Eventually<void> => {
      if (held === "") return;
      const text = held;
      held = "";
      process.write(fd, bytesOf(text));
      return process.fds.get(fd)?.output?.ready === false ? untilWritable(process, fd) : undefined;
    };
    const terminal = process.fds.get(fd)?.output?.terminal !== undefined;
    return {
      write: (text) => {
        held += text;
        if (held.length >= BLOCK || fd === 2 || (terminal && text.includes("\n"))) return flush();
      },
      flush,
      close: async () => {
        await flush();
        return 0;
      },
    };
  }

  #fileOutput(name: string, append: boolean): Output {
    const fd = name === "/dev/stdout" ? 1 : name === "/dev/stderr" ? 2 : descriptorNumber(name);
    if (fd === 1 || name === "-") return this.standard;
    if (fd !== undefined) return this.#descriptorOutput(fd);
    const file: OpenFile = this.#process.files.open(name, {
      write: true,
      create: true,
      ...(append ? { append } : { truncate: true }),
    });
    let held = "";
    const flush = (): void => {
      const text = held;
      held = "";
      if (text !== "") file.write(bytesOf(text));
    };
    return {
      write: (text) => {
        held += text;
        if (held.length >= BLOCK) flush();
      },
      flush,
      close: () => {
        flush();
        file.close();
        return 0;
      },
    };
  }

  #commandOutput(text: string): Output {
    const pipe = new Pipe();
    // what was printed before comes before what the command prints
    void this.standard.flush();
    const child = this.#start(text, 0, pipe.reader);
    const { output } = pipe;
    let held = "";
    const flush = async (): Promise<void> => {
      const now = held;
      held = "";
      if (now === "") return;
      try {
        output.write(bytesOf(now));
      } catch (refusal) {
        if (!(refusal instanceof Refusal)) throw refusal; // EPIPE: the command has ended
      }
      while (!output.ready) await this.#process.wait([output]);
    };
    return {
      write: (more) => {
        held += more;
        return held.length >= BLOCK ? flush() : undefined;
      },
      flush,
      close: async () => {
        await flush();
        pipe.writer.release();
        return this.#statusOf(child);
      },
    };
  }
}
