/** Readers for the actions with grammars of their own: learn, multipath, bundle. */
import type { Bundle, HashFields, Learn, LearnSpec, Multipath } from "./actions.ts";
import { atoi, scanWideNumber } from "./c-numbers.ts";
import { formatFieldValue, readFieldValue } from "./field-text.ts";
import { codeFor } from "./fields.ts";
import { HASH_FIELDS, MULTIPATH_ALGORITHMS } from "./hash-fields.ts";
import { keyValues } from "./key-values.ts";
import { DEFAULT_PRIORITY } from "./match-text.ts";
import { parsePort, parseTable } from "./names.ts";
import type { Names } from "./names.ts";
import { nxmHeaderWord } from "./oxm.ts";
import { parseSubfield, parseSubfieldPrefix } from "./subfield.ts";
import type { Subfield } from "./subfield.ts";
import { TextError } from "./text-error.ts";

const refuse = (text: string): never => {
  throw new TextError(text);
};

function subfieldIn(text: string): Subfield {
  const parsed = parseSubfield(text);
  return typeof parsed === "string" ? refuse(parsed) : parsed;
}

function hashFields(text: string, whole: string, quote = "'"): HashFields {
  const found = HASH_FIELDS.find((name) => name === text.toLowerCase());
  return found ?? refuse(`${whole}: unknown fields \`${text}${quote}`);
}

/** `fields,basis,algorithm,n_links,arg,dst` */
export function parseMultipath(text: string): Multipath {
  const words = text.split(/[, ]+/).filter((word) => word !== "");
  const [fieldsText = "", basis = "", algorithmText = "", linksText = "", arg = "", target] = words;
  if (target === undefined) return refuse(`${text}: not enough arguments to multipath action`);
  const fields = hashFields(fieldsText, text);
  const algorithm =
    MULTIPATH_ALGORITHMS.find((name) => name === algorithmText.toLowerCase()) ??
    refuse(`${text}: unknown algorithm \`${algorithmText}'`);
  const links = atoi(linksText);
  if (links < 1 || links > 65536) refuse(`${text}: n_links ${links} is not in valid range 1 to 65536`);
  const to = subfieldIn(target);
  if (to.bits < 16 && links > 2 ** to.bits) {
    refuse(
      `${text}: ${to.bits}-bit destination field has ${2 ** to.bits} possible values, less than specified n_links ${links}`,
    );
  }
  return {
    type: "multipath",
    fields,
    basis: atoi(basis) & 0xffff,
    algorithm,
    maxLink: links - 1,
    arg: atoi(arg) >>> 0,
    to,
  };
}

const BUNDLE_MAX_MEMBERS = 2048;

/** `fields,basis,algorithm,ofport,members:1,2,3`; bundle_load has a destination before the members. */
export function parseBundle(text: string, names: Names | undefined, load: boolean): Bundle {
  let left = text;
  /** strtok_r() */
  const token = (delimiters: string): string | undefined => {
    const [all = "", word] =
      new RegExp(`^[${delimiters}]*([^${delimiters}]+)[${delimiters}]?`, "s").exec(left) ?? [];
    left = left.slice(all.length);
    return word;
  };
  const [fieldsText = "", basis = "", algorithmText = "", memberType] = [1, 2, 3, 4].map(() => token(", "));
  const targetText = load ? token(", ") : undefined;
  const keyword = token(": ");
  if (keyword === undefined || memberType === undefined)
    return refuse(`${text}: not enough arguments to bundle action`);
  if (keyword.toLowerCase() !== "members" && keyword.toLowerCase() !== "slaves") {
    refuse(`${text}: missing member delimiter, expected \`members', got \`${keyword}'`);
  }
  const members: number[] = [];
  while (members.length < BUNDLE_MAX_MEMBERS) {
    const word = token(", [\\]");
    if (word === undefined) break;
    members.push(parsePort(word, names) ?? refuse(`${word}: bad port number`));
  }
  const found = HASH_FIELDS.find((name) => name === fieldsText.toLowerCase());
  const fields = found ?? refuse(`${text}: unknown fields \`${fieldsText}'`);
  const algorithm = algorithmText.toLowerCase();
  if (algorithm !== "active_backup" && algorithm !== "hrw")
    refuse(`${text}: unknown algorithm \`${algorithmText}'`);
  if (memberType.toLowerCase() !== "ofport") refuse(`${text}: unknown member_type \`${memberType}'`);
  let to: Subfield | undefined;
  if (targetText !== undefined) {
    to = subfieldIn(targetText);
    if (codeFor(to.field, 0)?.oxmClass === 0xffff) {
      refuse(`${text}: experimenter OXM field '${targetText}' not supported`);
    }
  }
  return {
    type: "bundle",
    fields,
    basis: atoi(basis) & 0xffff,
    algorithm: algorithm === "hrw" ? "hrw" : "active_backup",
    members,
    to,
  };
}

function loadSpec(value: string): LearnSpec {
  if (value.startsWith("->")) refuse(`load: missing source before \`->' in \`${value}'`);
  if (!value.includes("->")) refuse(`load: missing \`->' in \`${value}'`);
  if (/^[-+]?\d[^[-]*-/.test(value)) {
    const scanned = scanWideNumber(value, 128);
    if (typeof scanned === "string") return refuse(`${value}: too many bits in immediate value`);
    const rest = value.slice(scanned.length);
    if (!rest.startsWith("->")) refuse(`load: garbage before \`->' in \`${value}'`);
    const to = subfieldIn(rest.slice(2));
    if (nxmHeaderWord(to.field) === 0) {
      refuse(`${value}: experimenter OXM field '${rest.slice(2)}' not supported`);
    }
    if (scanned.value >> BigInt(to.bits) !== 0n) refuse(`${value}: value does not fit into ${to.bits} bits`);
    return { kind: "load", bits: to.bits, source: { from: "value", value: scanned.value }, to };
  }
  const source = parseSubfieldPrefix(value);
  if (typeof source === "string") return refuse(source);
  if (!source.rest.startsWith("->")) return refuse(`${value}: missing \`->' following source`);
  const to = subfieldIn(source.rest.slice(2));
  const { subfield } = source;
  if (subfield.bits !== to.bits) {
    refuse(`${value}: source field is ${subfield.bits} bits wide but destination is ${to.bits} bits wide`);
  }
  return { kind: "load", bits: to.bits, source: { from: "field", subfield }, to };
}

/** @param to what `key` names */
function matchSpec(whole: string, key: string, value: string, to: Subfield, names?: Names): LearnSpec {
  if (nxmHeaderWord(to.field) === 0) refuse(`${whole}: experimenter OXM field '${key}' not supported`);
  const { bits } = to;
  if (value === "") return { kind: "match", bits, source: { from: "field", subfield: to }, to };
  const parsed = parseSubfield(value);
  if (typeof parsed !== "string") {
    if (parsed.bits !== bits)
      refuse(`${whole}: bit widths of ${key} (${parsed.bits}) and ${value} (${bits}) differ`);
    return { kind: "match", bits, source: { from: "field", subfield: parsed }, to };
  }
  const wrong = (fault: string): never =>
    refuse(
      `${whole}: ${key} value ${value} cannot be parsed as a subfield (${parsed}) or an immediate value (${fault})`,
    );
  if (bits === to.field.bits)
    return {
      kind: "match",
      bits,
      source: { from: "value", value: readFieldValue(to.field, value, names, false, wrong).value },
      to,
    };
  const scanned = scanWideNumber(value, to.field.bytes);
  if (typeof scanned === "string" || scanned.length !== value.length)
    return wrong(`${whole}: cannot parse integer value`);
  if (scanned.value >> BigInt(bits) !== 0n)
    wrong(`${whole}: value ${formatFieldValue(to.field, scanned.value)} does not fit into ${bits} bits`);
  return { kind: "match", bits, source: { from: "value", value: scanned.value }, to };
}

function spec(whole: string, key: string, value: string, names: Names | undefined): LearnSpec {
  const to = parseSubfield(key);
  if (typeof to !== "string") return matchSpec(whole, key, value, to, names);
  if (key === "load") return loadSpec(value);
  if (key === "output") {
    const subfield = subfieldIn(value);
    return { kind: "output", bits: subfield.bits, source: { from: "field", subfield } };
  }
  return refuse(`${whole}: unknown keyword ${key}`);
}

/** The arguments of learn(...). */
export function parseLearn(text: string, names: Names | undefined): Learn {
  const specs: LearnSpec[] = [];
  const numbers = new Map<string, number>();
  let table = 1;
  let cookie = 0n;
  let sendFlowRemoved = false;
  let deleteLearned = false;
  let result: Subfield | undefined;
  for (const { key, value } of keyValues(text)) {
    switch (key) {
      case "table":
        table = parseTable(value, names) ?? refuse(`unknown table "${value}"`);
        if (table === 255) refuse(`${text}: table id 255 not valid for \`learn' action`);
        break;
      case "priority":
      case "idle_timeout":
      case "hard_timeout":
      case "fin_idle_timeout":
      case "fin_hard_timeout":
        numbers.set(key, atoi(value) & 0xffff);
        break;
      case "limit":
        numbers.set(key, atoi(value) >>> 0);
        break;
      case "cookie": {
        const scanned = scanWideNumber(value, 8);
        cookie = typeof scanned === "string" ? 0n : scanned.value;
        break;
      }
      case "send_flow_rem":
        sendFlowRemoved = true;
        break;
      case "delete_learned":
        deleteLearned = true;
        break;
      case "result_dst":
        result = subfieldIn(value);
        if (!result.field.writable) refuse(`${value} is read-only`);
        if (result.bits !== 1) refuse("result_dst in 'learn' action must be a single bit");
        break;
      default:
        specs.push(spec(text, key, value, names));
    }
  }
  const number = (key: string) => numbers.get(key) ?? 0;
  return {
    type: "learn",
    idleTimeout: number("idle_timeout"),
    hardTimeout: number("hard_timeout"),
    finIdleTimeout: number("fin_idle_timeout"),
    finHardTimeout: number("fin_hard_timeout"),
    priority: numbers.get("priority") ?? DEFAULT_PRIORITY,
    table,
    cookie,
    sendFlowRemoved,
    deleteLearned,
    limit: number("limit"),
    result,
    specs,
  };
}
