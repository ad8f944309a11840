// The expressions of ss: conditions on addresses, ports, devices and marks, with `and`, `or`, `not` and parentheses. Words are
// separated by blanks; `and` may be left out; and binds closer than or.

import type { Process } from "../../system/process.ts";
import { bytesEqual } from "../../wire/bytes.ts";
import { ephemeralPorts } from "./names.ts";
import { FilterFault, hostCondition } from "./host-condition.ts";
import type { HostCondition } from "./host-condition.ts";
import { interfaceIndex } from "../resolver/interfaces.ts";
import type { Selection } from "./selection.ts";
import type { ShownSocket } from "./socket.ts";

/** True if the socket is to be shown. */
export type Filter = (socket: ShownSocket) => boolean;

const SYNONYMS: Readonly<Record<string, string>> = {
  "!": "not",
  "&": "and",
  "&&": "and",
  "|": "or",
  "||": "or",
  ge: ">=",
  geq: ">=",
  le: "<=",
  leq: "<=",
  gt: ">",
  lt: "<",
  "==": "=",
  eq: "=",
  ne: "!=",
  neq: "!=",
};

type Side = "local" | "remote";
const SIDES: Readonly<Record<string, Side>> = {
  src: "local",
  sport: "local",
  dst: "remote",
  dport: "remote",
};
const KEYWORDS = /^(?:not|and|or|[()]|>=|<=|>|<|=|!=|dst|src|dport|sport|dev|fwmark|cgroup|autobound)$/;

/** Parses the words of an expression; undefined for none. Throws FilterFault. */
export function parseFilter(
  process: Process,
  selection: Selection,
  args: readonly string[],
): Filter | undefined {
  const words = args
    .join(" ")
    .split(/\s+/)
    .filter((word) => word !== "")
    .map((word) => (Object.hasOwn(SYNONYMS, word) ? (SYNONYMS[word] ?? word) : word));
  if (words.length === 0) return undefined;
  return new Parser(process, selection, words).whole();
}

function syntaxError(): never {
  throw new FilterFault('ss: bison bellows (while parsing filter): "syntax error!" Sorry.\n', "usage");
}

class Parser {
  readonly #process: Process;
  readonly #selection: Selection;
  readonly #words: readonly string[];
  #at = 0;

  constructor(process: Process, selection: Selection, words: readonly string[]) {
    this.#process = process;
    this.#selection = selection;
    this.#words = words;
  }

  get #next(): string | undefined {
    return this.#words[this.#at];
  }

  #take(): string {
    const word = this.#words[this.#at++];
    if (word === undefined) syntaxError();
    return word;
  }

  whole(): Filter {
    const filter = this.#alternatives();
    if (this.#next !== undefined) this.#unexpected();
    return filter;
  }

  /** A word where none may stand: the lexer reads it as an address before the grammar refuses it. */
  #unexpected(): never {
    const word = this.#take();
    if (!KEYWORDS.test(word)) hostCondition(this.#process, this.#selection, word, false);
    return syntaxError();
  }

  #alternatives(): Filter {
    let left = this.#conjunction();
    while (this.#next === "or") {
      this.#take();
      const before = left;
      const after = this.#conjunction();
      left = (socket) => before(socket) || after(socket);
    }
    return left;
  }

  #conjunction(): Filter {
    let left = this.#condition();
    while (this.#next !== undefined && this.#next !== "or" && this.#next !== ")") {
      if (this.#next === "and") this.#take();
      const before = left;
      const after = this.#condition();
      left = (socket) => before(socket) && after(socket);
    }
    return left;
  }

  #condition(): Filter {
    const word = this.#next;
    switch (word) {
      case "not": {
        this.#take();
        const inner = this.#condition();
        return (socket) => !inner(socket);
      }
      case "(": {
        this.#take();
        const inner = this.#alternatives();
        if (this.#take() !== ")") syntaxError();
        return inner;
      }
      case "src":
      case "dst":
        this.#take();
        return this.#host(SIDES[word] ?? "local");
      case "sport":
      case "dport":
        this.#take();
        return this.#port(SIDES[word] ?? "local");
      case "dev":
        this.#take();
        return this.#device();
      case "fwmark":
        this.#take();
        return this.#mark();
      case "cgroup":
        throw new FilterFault("ss: cgroups are not implemented\n", "plain");
      case "autobound":
        this.#take();
        return (socket) => autobound(this.#process, socket);
      default:
        return this.#unexpected();
    }
  }

  /** Skips a comparison; true for "is not". */
  #comparison(allowed: readonly string[]): string {
    const word = this.#next ?? "";
    if (!/^(?:=|!=|>=|<=|>|<)$/.test(word)) return "=";
    if (!allowed.includes(word)) syntaxError();
    return this.#take();
  }

  #operand(isPort: boolean): HostCondition {
    const word = this.#take();
    if (KEYWORDS.test(word)) syntaxError();
    return hostCondition(this.#process, this.#selection, word, isPort);
  }

  #host(side: Side): Filter {
    this.#comparison(["="]);
    const condition = this.#operand(false);
    return (socket) => matches(condition, socket, side);
  }

  #port(side: Side): Filter {
    const comparison = this.#comparison(["=", "!=", ">=", "<=", ">", "<"]);
    const condition = this.#operand(true);
    const port = condition.port ?? -1;
    const of = (socket: ShownSocket): number => (side === "local" ? socket.localPort : socket.remotePort);
    switch (comparison) {
      case ">=":
        return (socket) => of(socket) >= port;
      case "<=":
        return (socket) => of(socket) <= port;
      case ">":
        return (socket) => of(socket) > port;
      case "<":
        return (socket) => of(socket) < port;
      case "!=":
        return (socket) => !matches(condition, socket, side);
      default:
        return (socket) => matches(condition, socket, side);
    }
  }

  #device(): Filter {
    const comparison = this.#comparison(["=", "!="]);
    const name = this.#take();
    const index = interfaceIndex(this.#process, name) || (/^\d+$/.test(name) ? Number(name) : undefined);
    if (index === undefined) throw new FilterFault("Cannot parse device.\n", "plain");
    return ({ ifindex = 0 }) => (ifindex === index) === (comparison === "=");
  }

  #mark(): Filter {
    const comparison = this.#comparison(["=", "!="]);
    const text = this.#take();
    const [mark = Number.NaN, mask = 0xffff_ffff] = text.split("/").map(Number);
    if (Number.isNaN(mark) || Number.isNaN(mask))
      throw new FilterFault(`Cannot parse mark ${text}.\n`, "plain");
    return ({ mark: own = 0 }) => ((own & mask) >>> 0 === mark >>> 0) === (comparison === "=");
  }
}

/** A port that nobody has chosen. */
function autobound(process: Process, socket: ShownSocket): boolean {
  switch (socket.family) {
    case "unix":
      return socket.path === undefined || /^@[\da-f]{5}$/.test(socket.path);
    case "link":
      return socket.localPort === 0 && socket.protocol === 0;
    case "netlink":
      return socket.localPort > 0x7fff_ffff;
    default: {
      const [first, last] = ephemeralPorts(process);
      return socket.localPort >= first && socket.localPort <= last;
    }
  }
}

function matches(condition: HostCondition, socket: ShownSocket, side: Side): boolean {
  if (condition.family === "unix") {
    const name = side === "local" ? socket.path : undefined;
    return condition.pattern === undefined || condition.pattern.test(name ?? "");
  }
  const port = side === "local" ? socket.localPort : socket.remotePort;
  if (condition.port !== undefined && condition.port !== port) return false;
  if (condition.protocol !== undefined) return condition.protocol === socket.protocol;
  const address = side === "local" ? socket.local : socket.remote;
  if (condition.prefixes.length === 0) return true;
  return condition.prefixes.some(
    (prefix) => address !== undefined && inPrefix(address, prefix.bytes, prefix.length),
  );
}

/** An IPv4 prefix also matches addresses that are mapped into IPv6. */
function inPrefix(address: Uint8Array, prefix: Uint8Array, length: number): boolean {
  if (prefix.length === 4 && address.length === 16) {
    const mapped =
      address.subarray(0, 10).every((byte) => byte === 0) && address[10] === 0xff && address[11] === 0xff;
    return mapped && inPrefix(address.subarray(12), prefix, length);
  }
  if (prefix.length !== address.length) return false;
  const whole = length >> 3;
  if (!bytesEqual(address.subarray(0, whole), prefix.subarray(0, whole))) return false;
  const mask = (0xff00 >> (length & 7)) & 0xff;
  return ((address[whole] ?? 0) & mask) === ((prefix[whole] ?? 0) & mask);
}
