// SNMP versions 1, 2c and 3 (RFC 1157, 3416, 3412, 3414). Object identifiers stay numbers: no MIB is compiled in.

import { parse, printElement, printOctets, printString } from "./asn1.ts";
import type { Element, Kind } from "./asn1.ts";
import type { Dissector } from "./dissector.ts";

const [GET, GET_NEXT, RESPONSE, TRAP, GET_BULK, REPORT] = [0, 1, 2, 4, 5, 8] as const;
const [VERSION_1, VERSION_2, VERSION_3] = [0, 1, 3] as const;
const VERSION_NAMES = ["SNMPv1", "SNMPv2c", "SNMPv2u", "SNMPv3"];
const USER_SECURITY = 3;
const ENTERPRISE_SPECIFIC = 6;
const ERRORS = ["noError", "tooBig", "noSuchName", "badValue", "readOnly", "genErr", "noAccess", "wrongType",
  "wrongLength", "wrongEncoding", "wrongValue", "noCreation", "inconsistentValue", "resourceUnavailable",
  "commitFailed", "undoFailed", "authorizationError", "notWritable", "inconsistentName"]; // prettier-ignore
const TRAPS = ["coldStart", "warmStart", "linkDown", "linkUp", "authenticationFailure", "egpNeighborLoss",
  "enterpriseSpecific"]; // prettier-ignore
/** Community that is not worth telling. */
const USUAL_COMMUNITY = "public";

/** Thrown where tcpdump gives up a part of the message, not the packet. */
const GIVE_UP = Symbol("give up");

/** Elements one after another within a length. */
class Reader {
  readonly d: Dissector;
  at: number;
  left: number;
  /** Bytes of the element read last. */
  size = 0;

  constructor(d: Dissector, at: number, left: number) {
    this.d = d;
    this.at = at;
    this.left = left;
  }

  any(): Element {
    const element = parse(this.d, this.at, this.left);
    if (element === undefined) throw GIVE_UP;
    this.at += element.size;
    this.left -= element.size;
    this.size = element.size;
    return element;
  }

  /** An element of one kind; another is shown with a complaint. */
  read(kind: Kind, complaint: string): Element {
    const element = this.any();
    if (element.kind === kind) return element;
    this.d.text += `[${complaint}]`;
    printElement(this.d, element);
    throw GIVE_UP;
  }

  inside({ at, length }: Element): Reader {
    return new Reader(this.d, at, length);
  }
}

/** Runs a part that may be given up; what follows it is printed all the same. */
function part(print: () => void): void {
  try {
    print();
  } catch (fault) {
    if (fault !== GIVE_UP) throw fault;
  }
}

function bindings(d: Dissector, reader: Reader, type: number): void {
  const list = reader.read("sequence", "!SEQ of varbind");
  if (reader.left > 0) d.text += `[${reader.left} extra after SEQ of varbind]`;
  const items = reader.inside(list);
  const isQuestion = type === GET || type === GET_NEXT || type === GET_BULK;
  while (items.left > 0) {
    d.text += " ";
    const pair = items.inside(items.read("sequence", "!varbind"));
    printElement(d, pair.read("oid", "objName!=OID"));
    if (!isQuestion) d.text += "=";
    const value = pair.any();
    if (isQuestion && value.kind !== "null") d.text += "[objVal!=NULL]";
    printElement(d, value);
  }
}

function errorName(value: number): string {
  return ERRORS[value] ?? `err=${value >>> 0}`;
}

function request(d: Dissector, reader: Reader, type: number): void {
  const id = reader.read("integer", "reqId!=INT");
  if (d.verbose > 0) d.text += `R=${id.value} `;
  // Those in which a status means nothing.
  const isQuestion = type !== RESPONSE && type !== GET_BULK;
  const status = reader.read("integer", "errorStatus!=INT").value;
  if (isQuestion && status !== 0) d.text += `[errorStatus(${errorName(status)})!=0]`;
  else if (type === GET_BULK) d.text += ` N=${status}`;
  else if (status !== 0) d.text += ` ${errorName(status)}`;
  const hasStatus = type === RESPONSE && status !== 0;
  const index = reader.read("integer", "errorIndex!=INT").value;
  if (isQuestion && index !== 0) d.text += `[errorIndex(${index})!=0]`;
  else if (type === GET_BULK) d.text += ` M=${index}`;
  else if (index !== 0) d.text += hasStatus ? `@${index}` : `[errorIndex(${index}) w/o errorStatus]`;
  else if (hasStatus) d.text += "[errorIndex==0]";
  bindings(d, reader, type);
}

function trap(d: Dissector, reader: Reader): void {
  d.text += " ";
  printElement(d, reader.read("oid", "enterprise!=OID"));
  d.text += " ";
  printElement(d, reader.read("address", "agent-addr!=INETADDR"));
  const generic = reader.read("integer", "generic-trap!=INT").value;
  d.text += ` ${TRAPS[generic] ?? `gt=${generic}`}`;
  const specific = reader.read("integer", "specific-trap!=INT").value;
  if (generic === ENTERPRISE_SPECIFIC) d.text += ` s=${specific}`;
  else if (specific !== 0) d.text += `[specific-trap(${specific})!=0]`;
  d.text += " ";
  printElement(d, reader.read("unsigned", "time-stamp!=TIMETICKS"));
  bindings(d, reader, TRAP);
}

function protocolDataUnit(d: Dissector, reader: Reader, version: number): void {
  const unit = reader.any();
  if (unit.kind !== "pdu") {
    d.text += "[no PDU]";
    throw GIVE_UP;
  }
  if (reader.left > 0) d.text += `[${reader.left} extra after PDU]`;
  if (d.verbose > 0) d.text += "{ ";
  printElement(d, unit);
  d.text += " ";
  if (version === VERSION_1 && unit.id >= GET_BULK) {
    d.text += "[v2 PDU in v1 message]";
    throw GIVE_UP;
  }
  if (version === VERSION_2 && unit.id === TRAP) {
    d.text += "[v1 PDU in v2 message]";
    throw GIVE_UP;
  }
  const inner = reader.inside(unit);
  part(() => {
    if (unit.id === TRAP) trap(d, inner);
    else if (unit.id <= REPORT) request(d, inner, unit.id);
  });
  if (d.verbose > 0) d.text += " } ";
}

function community(d: Dissector, reader: Reader, version: number): void {
  const name = reader.read("string", "comm!=STR");
  let text = "";
  if (name.length === USUAL_COMMUNITY.length) {
    for (let index = 0; index < name.length; index++) text += String.fromCharCode(d.u8(name.at + index));
  }
  if (text !== USUAL_COMMUNITY) {
    d.text += "C=";
    printString(d, name);
    d.text += " ";
  }
  protocolDataUnit(d, reader, version);
}

function userSecurity(d: Dissector, outer: Reader): void {
  const reader = outer.inside(outer.read("sequence", "!usm"));
  reader.read("string", "msgAuthoritativeEngineID!=STR");
  const boots = reader.read("integer", "msgAuthoritativeEngineBoots!=INT").value;
  if (d.verbose > 0) d.text += `B=${boots} `;
  const time = reader.read("integer", "msgAuthoritativeEngineTime!=INT").value;
  if (d.verbose > 0) d.text += `T=${time} `;
  const user = reader.read("string", "msgUserName!=STR");
  d.text += "U=";
  printString(d, user);
  d.text += " ";
  reader.read("string", "msgAuthenticationParameters!=STR");
  reader.read("string", "msgPrivacyParameters!=STR");
  if (reader.size < reader.left) d.text += `[${reader.left - reader.size} extra after usm SEQ]`;
}

function scopedUnit(d: Dissector, outer: Reader): void {
  const reader = outer.inside(outer.read("sequence", "!scoped PDU"));
  const engine = reader.read("string", "contextEngineID!=STR");
  d.text += "E=";
  printOctets(d, engine);
  d.text += " ";
  const name = reader.read("string", "contextName!=STR");
  d.text += "C=";
  printString(d, name);
  d.text += " ";
  protocolDataUnit(d, reader, VERSION_3);
}

function version3(d: Dissector, reader: Reader): void {
  const header = reader.inside(reader.read("sequence", "!message"));
  const v = d.verbose > 0;
  if (v) d.text += "{ ";
  header.read("integer", "msgID!=INT");
  header.read("integer", "msgMaxSize!=INT");
  const octet = header.read("string", "msgFlags!=STR");
  if (octet.length !== 1) {
    d.text += `[msgFlags size ${octet.length}]`;
    throw GIVE_UP;
  }
  const flags = d.u8(octet.at);
  if (flags > 7 || flags === 2 || flags === 6) {
    d.text += `[msgFlags=0x${flags.toString(16).toUpperCase().padStart(2, "0")}]`;
    throw GIVE_UP;
  }
  d.text += `F=${(flags & 1) === 0 ? "" : "a"}${(flags & 2) === 0 ? "" : "p"}${(flags & 4) === 0 ? "" : "r"} `;
  const model = header.read("integer", "msgSecurityModel!=INT").value;
  if (header.size < header.left) d.text += `[${header.left - header.size} extra after message SEQ]`;
  if (v) d.text += "} ";
  if (model !== USER_SECURITY) {
    d.text += `[security model ${model}]`;
    throw GIVE_UP;
  }
  if (v) d.text += "{ USM ";
  const parameters = reader.read("string", "msgSecurityParameters!=STR");
  part(() => userSecurity(d, reader.inside(parameters)));
  if (v) d.text += "} { ScopedPDU ";
  part(() => scopedUnit(d, reader));
  if (v) d.text += "} ";
}

function message(d: Dissector, at: number, length: number): void {
  const outer = new Reader(d, at, length);
  const sequence = outer.read("sequence", "!init SEQ");
  if (outer.left > 0) d.text += `[${outer.left} extra after iSEQ]`;
  const reader = outer.inside(sequence);
  const version = reader.read("integer", "version!=INT").value;
  if (version !== VERSION_1 && version !== VERSION_2 && version !== VERSION_3) {
    d.text += `SNMP [version = ${version}]`;
    return;
  }
  if (d.verbose > 0) d.text += `{ ${VERSION_NAMES[version] ?? ""} `;
  part(() => (version === VERSION_3 ? version3(d, reader) : community(d, reader, version)));
  if (d.verbose > 0) d.text += "} ";
}

export function snmp(d: Dissector, at: number, length: number): void {
  d.protocol = "snmp";
  d.text += " ";
  d.untilCut(() => part(() => message(d, at, length)));
}
