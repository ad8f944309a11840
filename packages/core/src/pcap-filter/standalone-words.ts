/** Terms that start with a word of their own: lengths, directions, encapsulations, LLC, pflog, ATM and SS7. */
import { BPF_JEQ } from "../wire/bpf/instruction.ts";
import { or, type Condition } from "./block.ts";
import type { Compilation } from "./compilation.ts";
import { mpls, pppoeSession, vlan } from "./encapsulation.ts";
import { EtherType } from "./ethertypes.ts";
import { refuse } from "./filter-error.ts";
import { geneve } from "./geneve.ts";
import type { Word } from "./keywords.ts";
import { llcControl, llcFormat, llcFrame, linkProtocol } from "./link-protocol.ts";
import {
  byteCompared,
  directionIs,
  interfaceIs,
  lengthAtLeast,
  lengthAtMost,
  pfActionNumber,
  pfField,
  pfReasonNumber,
  type ByteOperator,
} from "./primitives.ts";
import { RELATIONS } from "./relations.ts";
import {
  atmField,
  atmKind,
  mtp2Kind,
  mtp3Field,
  type AtmWord,
  type Mtp2Word,
  type Mtp3Word,
} from "./telephony.ts";
import { syntaxError, type TokenReader } from "./token-reader.ts";

/** Control fields of LLC: supervisory ones are compared without the poll bit's byte, unnumbered ones without the bit. */
const SUPERVISORY: ReadonlyMap<string, number> = new Map([
  ["rr", 0x01],
  ["rnr", 0x05],
  ["rej", 0x09],
]);
const SUPERVISORY_MASK = 0x0f;
const UNNUMBERED: ReadonlyMap<string, number> = new Map([
  ["ui", 0x03],
  ["ua", 0x63],
  ["disc", 0x43],
  ["dm", 0x0f],
  ["sabme", 0x6f],
  ["test", 0xe3],
  ["xid", 0xaf],
  ["frmr", 0x87],
]);
const UNNUMBERED_MASK = 0xef;

const BYTE_OPERATORS: readonly string[] = ["=", "<", ">", "&", "|"] satisfies readonly ByteOperator[];

const ATM_KINDS: ReadonlySet<string> = new Set<AtmWord>([
  "lane",
  "metac",
  "bcc",
  "oam",
  "oamf4",
  "oamf4ec",
  "oamf4sc",
  "sc",
  "ilmic",
  "connectmsg",
  "metaconnect",
]);
const MTP2_KINDS: ReadonlySet<string> = new Set<Mtp2Word>(["fisu", "lssu", "msu", "hfisu", "hlssu", "hmsu"]);
const MTP3_FIELDS: ReadonlySet<string> = new Set<Mtp3Word>([
  "sio",
  "opc",
  "dpc",
  "sls",
  "hsio",
  "hopc",
  "hdpc",
  "hsls",
]);

export class StandaloneWords {
  readonly #on: Compilation;
  readonly #tokens: TokenReader;

  constructor(on: Compilation, tokens: TokenReader) {
    this.#on = on;
    this.#tokens = tokens;
  }

  term(): Condition {
    const { token } = this.#tokens;
    if (token.kind !== "word") return syntaxError();
    this.#tokens.advance();
    return this.#after(token.word);
  }

  #after(word: Word): Condition {
    const on = this.#on;
    const tokens = this.#tokens;
    switch (word) {
      case "less":
        return lengthAtMost(tokens.number());
      case "greater":
        return lengthAtLeast(tokens.number());
      case "byte":
        return this.#byte();
      case "inbound":
        return directionIs(on, "in");
      case "outbound":
        return directionIs(on, "out");
      case "ifindex":
        return interfaceIs(on, tokens.number());
      case "vlan":
        return vlan(on, tokens.optionalNumber());
      case "mpls":
        return mpls(on, tokens.optionalNumber());
      case "pppoed":
        return linkProtocol(on, EtherType.PPPOE_DISCOVERY);
      case "pppoes":
        return pppoeSession(on, tokens.optionalNumber());
      case "geneve":
        return geneve(on, tokens.optionalNumber());
      case "llc":
        return this.#llc();
      case "ifname":
      case "ruleset":
        return pfField(on, word, tokens.name());
      case "rnr":
      case "srnr":
        return pfField(on, word, tokens.number());
      case "reason": {
        const reason = tokens.nameOrNumber();
        return pfField(on, word, typeof reason === "string" ? pfReasonNumber(reason) : reason);
      }
      case "action":
        return pfField(on, word, pfActionNumber(tokens.name()));
      default:
        return this.#telephony(word);
    }
  }

  #byte(): Condition {
    const at = this.#tokens.number();
    const { token } = this.#tokens;
    if (token.kind !== "symbol" || !BYTE_OPERATORS.includes(token.symbol)) return syntaxError();
    this.#tokens.advance();
    return byteCompared(this.#on, token.symbol as ByteOperator, at, this.#tokens.number());
  }

  #llc(): Condition {
    const on = this.#on;
    // "rnr" is also a word of pflog.
    if (this.#tokens.takeWord("rnr")) return llcControl(on, 0x05, SUPERVISORY_MASK);
    if (this.#tokens.token.kind !== "name") return llcFrame(on);
    const name = this.#tokens.name();
    const type = name.toLowerCase();
    if (type === "i" || type === "s" || type === "u") return llcFormat(on, type);
    const supervisory = SUPERVISORY.get(type);
    if (supervisory !== undefined) return llcControl(on, supervisory, SUPERVISORY_MASK);
    const unnumbered = UNNUMBERED.get(type) ?? refuse(`unknown LLC type name "${name}"`);
    return llcControl(on, unnumbered, UNNUMBERED_MASK);
  }

  #telephony(word: Word): Condition {
    const on = this.#on;
    if (ATM_KINDS.has(word)) return atmKind(on, word as AtmWord);
    if (MTP2_KINDS.has(word)) return mtp2Kind(on, word as Mtp2Word);
    if (word === "vpi" || word === "vci") {
      return this.#fieldValue((jump, value, reverse) => atmField(on, word, jump, value, reverse));
    }
    if (MTP3_FIELDS.has(word)) {
      return this.#fieldValue((jump, value, reverse) =>
        mtp3Field(on, word as Mtp3Word, jump, value, reverse),
      );
    }
    return syntaxError();
  }

  /** A number, a relation and a number, or numbers joined by `or` in parentheses. */
  #fieldValue(compare: (jump: number, value: number, reverse: boolean) => Condition): Condition {
    const tokens = this.#tokens;
    const { token } = tokens;
    if (token.kind === "number") return compare(BPF_JEQ, tokens.number(), false);
    if (token.kind !== "symbol") return syntaxError();
    const operator = RELATIONS.get(token.symbol);
    tokens.advance();
    if (operator !== undefined) return compare(operator[0], tokens.number(), operator[1]);
    if (token.symbol !== "(") return syntaxError();
    let result = compare(BPF_JEQ, tokens.number(), false);
    while (tokens.takeWord("or")) result = or(result, compare(BPF_JEQ, tokens.number(), false));
    return tokens.takeSymbol(")") ? result : syntaxError();
  }
}
