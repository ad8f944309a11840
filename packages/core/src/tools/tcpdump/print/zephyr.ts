// Zephyr, MIT's notices: fields of text, each ended by a zero.

import type { Dissector } from "./dissector.ts";
import { NameTable } from "./names.ts";
import { safeCharacter } from "./numbers.ts";

const MAGIC = "ZEPH";
const VERSION = "0.2";
const SERVER_ACK = 5;
/** Bytes of the buffer for texts that are put together or put into lower case. */
const BUFFER = 255;

const KINDS = new NameTable([
  [0, "unsafe"],
  [1, "unacked"],
  [2, "acked"],
  [3, "hm-ack"],
  [4, "hm-ctl"],
  [SERVER_ACK, "serv-ack"],
  [6, "serv-nak"],
  [7, "client-ack"],
  [8, "stat"],
]);

const EXPOSURES: ReadonlySet<string> = new Set([
  "NONE",
  "OPSTAFF",
  "REALM-VISIBLE",
  "REALM-ANNOUNCED",
  "NET-VISIBLE",
  "NET-ANNOUNCED",
]);

const REALM: Readonly<Record<string, string>> = {
  ADD_SUBSCRIBE: " realm add-subs",
  REQ_SUBSCRIBE: " realm req-subs",
  RLM_SUBSCRIBE: " realm rlm-sub",
  RLM_UNSUBSCRIBE: " realm rlm-unsub",
};

const CLIENT: Readonly<Record<string, string>> = {
  GIMME: " ret",
  GIMMEDEFS: " gimme-defs",
  CLEARSUB: " clear-subs",
};

const SUBSCRIPTIONS: Readonly<Record<string, string>> = {
  SUBSCRIBE: " sub",
  SUBSCRIBE_NODEFS: " unsub-nodefs",
  UNSUBSCRIBE: " unsub",
};

/** The fields of a notice, one after the other. */
class Fields {
  readonly #d: Dissector;
  #at: number;
  #left: number;

  constructor(d: Dissector, at: number, length: number) {
    this.#d = d;
    this.#at = at;
    this.#left = length;
  }

  /** The next field; undefined if it does not end. */
  next(): string | undefined {
    let text = "";
    for (;;) {
      if (this.#left === 0) return undefined;
      const byte = this.#d.u8(this.#at);
      this.#at++;
      this.#left--;
      if (byte === 0) return text;
      text += String.fromCharCode(byte);
    }
  }
}

function shown(text: string): string {
  return Array.from(text, (character) => safeCharacter(character.charCodeAt(0))).join("");
}

function lower(text: string): string {
  return shown(text.slice(0, BUFFER).replace(/[A-Z]/g, (letter) => letter.toLowerCase()));
}

/** strtol(3) with base 16. */
function hexNumber(text: string): number {
  const found = /^[ \t-\r]*([+-]?)(?:0[xX](?=[0-9a-fA-F]))?([0-9a-fA-F]*)/.exec(text);
  const value = BigInt(`0x${found?.[2] || "0"}`);
  return Number(BigInt.asIntN(32, found?.[1] === "-" ? -value : value));
}

function triple(one: string, instance: string, recipient: string): string {
  return shown(`<${one},${instance},${recipient || "*"}>`.slice(0, BUFFER));
}

interface Notice {
  readonly kind: number;
  readonly class: string;
  readonly instance: string;
  readonly opcode: string;
  readonly recipient: string;
}

/** What is for the notification system itself. False if it is not special. */
function control(d: Dissector, { kind, instance, opcode }: Notice, fields: Fields): boolean {
  if (instance === "CLIENT") {
    const subscription = SUBSCRIPTIONS[opcode];
    if (subscription !== undefined) {
      d.text += subscription;
      if (kind === SERVER_ACK) return true;
      const [one, of, recipient] = [fields.next(), fields.next(), fields.next()];
      if (one !== undefined && of !== undefined && recipient !== undefined) {
        d.text += ` ${triple(one, of, recipient)}`;
      }
    } else d.text += CLIENT[opcode] ?? ` ${lower(opcode)}`;
    return true;
  }
  if (instance === "HM") {
    d.text += ` ${lower(opcode)}`;
    return true;
  }
  if (instance !== "REALM") return false;
  d.text += REALM[opcode] ?? "";
  return true;
}

/** Notices of known classes. False if it is a notice like any other. */
function special(d: Dissector, notice: Notice, fields: Fields): boolean {
  const { instance, opcode } = notice;
  switch (notice.class) {
    case "USER_LOCATE":
      if (opcode === "USER_HIDE") d.text += " hide";
      else if (opcode === "USER_UNHIDE") d.text += " unhide";
      else d.text += ` locate ${shown(instance)}`;
      return true;
    case "ZEPHYR_ADMIN":
      d.text += ` zephyr-admin ${lower(opcode)}`;
      return true;
    case "ZEPHYR_CTL":
      return control(d, notice, fields);
    case "HM_CTL":
    case "WG_CTL":
      d.text += ` ${notice.class.toLowerCase()} ${lower(instance)} ${lower(opcode)}`;
      return true;
    case "HM_STAT":
      if (instance !== "HMST_CLIENT" || opcode !== "GIMMESTATS") return false;
      d.text += " get-client-stats";
      return true;
    case "LOGIN":
      if (opcode === "USER_FLUSH") d.text += " flush_locs";
      else if (EXPOSURES.has(opcode)) d.text += ` set-exposure ${lower(opcode)}`;
      else return false;
      return true;
    default:
      return false;
  }
}

const FIELDS = 17;
const [KIND, CLASS, INSTANCE, OPCODE, SENDER, RECIPIENT] = [2, 8, 9, 10, 11, 12] as const;

export function zephyr(d: Dissector, at: number, length: number): void {
  d.protocol = "zephyr";
  const fields = new Fields(d, at, length);
  const version = fields.next();
  if (version === undefined) return d.invalid();
  if (!version.startsWith(MAGIC)) return;
  const all: string[] = [version];
  while (all.length < FIELDS) {
    const field = fields.next();
    if (field === undefined) return d.invalid();
    all.push(field);
  }
  d.text += " zephyr";
  if (!version.startsWith(VERSION, MAGIC.length)) {
    d.text += ` v${shown(version.slice(MAGIC.length))}`;
    return;
  }
  const kind = hexNumber(all[KIND] ?? "");
  d.text += ` ${KINDS.get(kind) ?? `type ${kind}`}`;
  if (kind === SERVER_ACK) {
    const result = fields.next();
    if (result !== undefined && result !== "SENT") d.text += `/${lower(result)}`;
  }
  const sender = all[SENDER] ?? "";
  if (sender !== "") d.text += ` ${shown(sender)}`;
  const notice: Notice = {
    kind,
    class: all[CLASS] ?? "",
    instance: all[INSTANCE] ?? "",
    opcode: all[OPCODE] ?? "",
    recipient: all[RECIPIENT] ?? "",
  };
  if (special(d, notice, fields)) return;
  d.text += ` to ${triple(notice.class, notice.instance, notice.recipient)}`;
  if (notice.opcode !== "") d.text += ` op ${shown(notice.opcode)}`;
}
