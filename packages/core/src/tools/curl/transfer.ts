// One request of curl and its answer: connecting, what goes out, what comes back, and what is told of it on the way.

import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import type { StreamAddress, StreamOptions, StreamSocket } from "../../system/stream-sockets.ts";
import { SECOND } from "../../system/system.ts";
import { formatIpv4, readIpv4Address } from "../../wire/ipv4-address.ts";
import { formatIpv6, readIpv6Address } from "../../wire/ipv6-address.ts";
import { NameFault, resolveHost } from "../resolver/hosts.ts";
import type { ResolvedHost } from "../resolver/hosts.ts";
import { Meter } from "./meter.ts";
import type { CurlOptions } from "./options.ts";
import { ResponseReader } from "./response.ts";
import type { HttpUrl } from "./url.ts";

/** Ends a transfer with a code of curl(1) and its words. */
export class CurlError {
  readonly code: number;
  readonly text: string;
  constructor(code: number, text: string) {
    this.code = code;
    this.text = text;
  }
}

/** Seconds that curl waits for a connection at most. */
const CONNECT_TIME = 300;

function addressText(address: Uint8Array): string {
  return address.length === 4
    ? formatIpv4(readIpv4Address(address, 0))
    : formatIpv6(readIpv6Address(address, 0));
}

export class Transfer {
  readonly #process: Process;
  readonly #options: CurlOptions;
  readonly #url: HttpUrl;
  readonly #reader: ResponseReader;
  readonly #meter: Meter;
  readonly #began: number;
  /** Seconds since the start. */
  connected = 0;
  firstByte = 0;
  total = 0;
  headerBytes = 0;
  requestBytes = 0;
  local: StreamAddress | undefined = undefined;
  remote: StreamAddress | undefined = undefined;
  #body: Uint8Array[] = [];
  #dataTold = false;

  constructor(process: Process, options: CurlOptions, url: HttpUrl) {
    this.#process = process;
    this.#options = options;
    this.#url = url;
    this.#reader = new ResponseReader(options.head);
    this.#began = process.monotonic();
    const toTerminal =
      process.stdout.terminal !== undefined && options.output === undefined && !options.remoteName;
    const shows = !options.silent && !toTerminal;
    this.#meter = new Meter(shows ? (text) => this.#warn(text) : () => {});
  }

  get status(): number {
    return this.#reader.head?.status ?? 0;
  }

  get version(): string {
    return this.#reader.head?.version.replace(/\.0$/, "") ?? "0";
  }

  get contentType(): string | undefined {
    return this.#reader.head?.fields.get("content-type");
  }

  get received(): number {
    return this.#reader.received;
  }

  /** Where a redirection leads. */
  get location(): string | undefined {
    const { head } = this.#reader;
    return head !== undefined && head.status >= 300 && head.status < 400
      ? head.fields.get("location")
      : undefined;
  }

  get #elapsed(): number {
    return (this.#process.monotonic() - this.#began) / SECOND;
  }

  #warn(text: string): void {
    this.#process.flush();
    this.#process.warn(text);
  }

  #tell(text: string): void {
    if (this.#options.verbose) this.#warn(text);
  }

  /** Errors: CurlError. */
  async run(): Promise<void> {
    const addresses = this.#resolve();
    this.#meter.start();
    const socket = await this.#connect(addresses);
    try {
      this.#request(socket);
      await this.#receive(socket);
    } finally {
      this.total = this.#elapsed;
      socket.close();
    }
    this.#meter.line(this.received, this.#reader.expected, this.total);
    this.#meter.end();
    this.#tell(
      this.#reader.persists
        ? `* Connection #0 to host ${this.#shownHost} left intact\n`
        : "* Closing connection 0\n",
    );
    if (this.#options.fail && this.status >= 400)
      throw new CurlError(22, `The requested URL returned error: ${this.status}`);
    if (!this.#reader.complete)
      throw new CurlError(18, `transfer closed with ${this.#reader.owed} bytes remaining to read`);
  }

  get #shownHost(): string {
    return this.#url.host;
  }

  #resolve(): readonly ResolvedHost[] {
    try {
      return resolveHost(this.#process, this.#url.host, this.#options.family);
    } catch (fault) {
      if (!(fault instanceof NameFault)) throw fault;
      throw new CurlError(6, `Could not resolve host: ${this.#url.host}`);
    }
  }

  #socketOptions(family: "inet" | "inet6"): StreamOptions {
    const name = this.#options.interface;
    if (name === undefined) return { noDelay: true };
    // A name of a device, or an own address.
    if (!/^\d+\.|:/.test(name)) return { noDelay: true, device: name };
    const [own] = resolveHost(this.#process, name, family);
    return own === undefined
      ? { noDelay: true }
      : { noDelay: true, local: { address: own.address, port: 0 } };
  }

  async #connect(addresses: readonly ResolvedHost[]): Promise<StreamSocket> {
    const { host, port } = this.#url;
    let timedOut = false;
    for (const { address, scope } of addresses) {
      const family = address.length === 4 ? "inet" : "inet6";
      const numeric = addressText(address);
      this.#tell(`*   Trying ${family === "inet" ? numeric : `[${numeric}]`}:${port}...\n`);
      try {
        const socket = this.#process.connectStream(
          { family, address, port, scope },
          this.#socketOptions(family),
        );
        timedOut = !(await this.#untilConnected(socket));
        if (timedOut) break;
        socket.output.write(new Uint8Array(0));
        this.connected = this.#elapsed;
        this.local = socket.local;
        this.remote = socket.remote;
        this.#tell(`* Connected to ${host} (${numeric}) port ${port} (#0)\n`);
        return socket;
      } catch (refusal) {
        if (!(refusal instanceof Refusal)) throw refusal;
        this.#tell(`* connect to ${numeric} port ${port} failed: ${strerror(refusal.errno)}\n`);
      }
    }
    throw this.#notConnected(timedOut);
  }

  #notConnected(timedOut: boolean): CurlError {
    const { host, port } = this.#url;
    const milliseconds = Math.floor(this.#elapsed * 1000);
    const { mostTime, connectTime } = this.#options;
    this.total = this.#elapsed;
    const ended = timedOut && mostTime !== undefined && (connectTime === undefined || mostTime < connectTime);
    const why = timedOut ? "Timeout was reached" : "Couldn't connect to server";
    const text = ended
      ? `Connection timed out after ${milliseconds} milliseconds`
      : `Failed to connect to ${host} port ${port} after ${milliseconds} ms: ${why}`;
    this.#tell(`* ${text}\n`);
    this.#meter.line(0, 0, this.total);
    this.#meter.end();
    this.#tell("* Closing connection 0\n");
    return new CurlError(timedOut ? 28 : 7, text);
  }

  async #untilConnected(socket: StreamSocket): Promise<boolean> {
    const { mostTime, connectTime = CONNECT_TIME } = this.#options;
    const limit = Math.min(connectTime, mostTime ?? connectTime);
    while (!socket.output.ready) {
      const left = (limit - this.#elapsed) * SECOND;
      if (left <= 0 || (await this.#process.wait([socket.output], left)) === "timeout") {
        socket.close();
        return false;
      }
    }
    return true;
  }

  #request(socket: StreamSocket): void {
    const { data, head, headers, agent, method } = this.#options;
    const verb = method ?? (head ? "HEAD" : data === undefined ? "GET" : "POST");
    const own = new Map<string, string>([
      ["host", `Host: ${this.#url.authority}`],
      ["user-agent", `User-Agent: ${agent}`],
      ["accept", "Accept: */*"],
    ]);
    const given: string[] = [];
    for (const header of headers) {
      const name = header.split(":")[0]?.toLowerCase() ?? "";
      if (own.has(name) && header.slice(name.length + 1).trim() !== "") own.set(name, header);
      else if (header.trim().endsWith(":")) own.delete(name);
      else given.push(header);
    }
    const lines = [`${verb} ${this.#url.path} HTTP/1.1`, ...own.values(), ...given];
    const body = data === undefined ? new Uint8Array(0) : new TextEncoder().encode(data);
    if (data !== undefined) {
      lines.push(`Content-Length: ${body.length}`);
      if (!given.some((header) => /^content-type:/i.test(header)))
        lines.push("Content-Type: application/x-www-form-urlencoded");
    }
    const text = `${lines.join("\r\n")}\r\n\r\n`;
    const head_ = new TextEncoder().encode(text);
    const all = new Uint8Array(head_.length + body.length);
    all.set(head_);
    all.set(body, head_.length);
    socket.output.write(all);
    this.requestBytes = all.length;
    this.#tell(`${lines.map((line) => `> ${line}\r\n`).join("")}> \r\n`);
    if (body.length > 0) this.#tell(`} [${body.length} bytes data]\n`);
  }

  async #receive(socket: StreamSocket): Promise<void> {
    const { mostTime } = this.#options;
    const reader = this.#reader;
    while (!reader.complete) {
      const left = mostTime === undefined ? undefined : Math.max(0, (mostTime - this.#elapsed) * SECOND);
      if (!socket.input.ready && (await this.#process.wait([socket.input], left)) === "timeout")
        throw this.#tooLate();
      let bytes: Uint8Array | null | undefined;
      try {
        bytes = socket.input.read();
      } catch (refusal) {
        if (!(refusal instanceof Refusal)) throw refusal;
        throw this.#broken(56, `Recv failure: ${strerror(refusal.errno)}`);
      }
      if (bytes === undefined) continue;
      if (bytes === null) {
        reader.close();
        if (reader.head === undefined) throw this.#broken(52, "Empty reply from server");
        return;
      }
      if (this.firstByte === 0) this.firstByte = this.#elapsed;
      const before = reader.head;
      const parts = reader.take(bytes);
      if (before === undefined && reader.head !== undefined) this.#tellHead();
      if (parts.length > 0 && !this.#dataTold) {
        this.#dataTold = true;
        const count = reader.isChunked ? bytes.length - this.headerBytes : (parts[0]?.length ?? 0);
        this.#tell(`{ [${before === undefined ? count : bytes.length} bytes data]\n`);
      }
      this.#body.push(...parts);
    }
  }

  #tooLate(): CurlError {
    const milliseconds = Math.floor(this.#elapsed * 1000);
    const { received, expected } = this.#reader;
    const of = expected > 0 ? `${received} out of ${expected}` : String(received);
    return this.#broken(
      28,
      `Operation timed out after ${milliseconds} milliseconds with ${of} bytes received`,
    );
  }

  #broken(code: number, text: string): CurlError {
    this.#tell(`* ${text}\n`);
    this.#meter.line(this.received, this.#reader.expected, this.#elapsed);
    this.#meter.end();
    this.#tell("* Closing connection 0\n");
    return new CurlError(code, text);
  }

  #tellHead(): void {
    const { head } = this.#reader;
    if (head === undefined) return;
    this.headerBytes = head.lines.join("").length;
    if (head.version === "1.0") this.#tell("* HTTP 1.0, assume close after body\n");
    this.#tell(head.lines.map((line) => `< ${line}`).join(""));
  }

  /** Head and body go where they are wanted: standard output is written at the end, behind all messages. */
  deliver(): void {
    const { include, head, output, remoteName, fail } = this.#options;
    const { head: response } = this.#reader;
    if (fail && this.status >= 400) return;
    const parts = [...this.#body];
    if ((include || head) && response !== undefined)
      parts.unshift(new TextEncoder().encode(response.lines.join("")));
    const name =
      output ?? (remoteName ? (this.#url.path.replace(/\?.*$/, "").split("/").at(-1) ?? "") : undefined);
    if (name === undefined || name === "-") {
      for (const part of parts) this.#process.write(1, part);
      return;
    }
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    if (name !== "/dev/null") this.#process.files.writeFile(name, bytes);
  }
}
