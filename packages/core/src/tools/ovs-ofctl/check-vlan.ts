/** check-vlan TCI MASK: what becomes of a match on the VLAN tag in each form that a match can be said in. */
import { OpenflowError } from "../../ovsproto/openflow/errors.ts";
import { readMatch, readMatch10, writeMatch, writeMatch10 } from "../../ovsproto/openflow/fixed-match.ts";
import { KeyWord } from "../../ovsproto/openflow/flow-key.ts";
import { parseFlow } from "../../ovsproto/openflow/flow-parse.ts";
import { Match } from "../../ovsproto/openflow/match.ts";
import { formatMatch } from "../../ovsproto/openflow/match-text.ts";
import { MessageReader, MessageWriter } from "../../ovsproto/openflow/message-bytes.ts";
import { readOxmMatch, writeOxmMatch } from "../../ovsproto/openflow/oxm.ts";
import { formatOxm } from "../../ovsproto/openflow/oxm-text.ts";
import { readU16BE, readU32BE } from "../../wire/bytes.ts";
import type { Ofctl } from "./ofctl-context.ts";

/** CFI and VID: what OXM_OF_VLAN_VID holds. */
const OXM_VID = 0x1fff;

const hex16 = (number: number): string => number.toString(16).padStart(4, "0");

function tagOf({ value, mask }: Match): { tci: number; mask: number } {
  return { tci: (value[KeyWord.VLAN] ?? 0) & 0xffff, mask: (mask[KeyWord.VLAN] ?? 0) & 0xffff };
}

function formatTag(match: Match): string {
  const { tci, mask } = tagOf(match);
  return `${hex16(tci)}/${hex16(mask)}`;
}

/** strtoul(text, NULL, 16) as 16 bits */
function tci(text: string): number {
  const digits = /^\s*(?:0x)?([0-9a-f]+)/i.exec(text)?.[1] ?? "0";
  return Number(BigInt(`0x${digits}`) & 0xffffn);
}

function throughFields(ofctl: Ofctl, match: Match, version: 0 | 3, format: (read: Match) => string): string {
  const out = new MessageWriter();
  writeOxmMatch(out, match, version, { value: 0n, mask: 0n });
  const bytes = out.bytes();
  const text = formatOxm(bytes, ofctl.decodeLog);
  const read = (): Match | OpenflowError => {
    try {
      return readOxmMatch(new MessageReader(bytes, ofctl.decodeLog), {}).match;
    } catch (error) {
      if (error instanceof OpenflowError) return error;
      throw error;
    }
  };
  const back = read();
  return `${text} -> ${back instanceof OpenflowError ? back.name : format(back)}`;
}

/** The vid and the priority that is matched on, if it is. */
function formatOxmTag(match: Match): string {
  const { tci: value, mask } = tagOf(match);
  const vid = value & OXM_VID;
  const priority = value >>> 13;
  const shown = vid !== 0 && mask >>> 13 !== 0 ? String(priority).padStart(2, "0") : "--";
  return `${hex16(vid)}/${hex16(mask & OXM_VID)},${shown}`;
}

/** Where the parts of a match of fixed length stand. */
interface FixedForm {
  readonly name: string;
  readonly wildcards: number;
  readonly vlan: number;
  readonly anyVlan: number;
  readonly anyPriority: number;
}

const OF10: FixedForm = { name: "OF1.0", wildcards: 0, vlan: 18, anyVlan: 1 << 1, anyPriority: 1 << 20 };
const OF11: FixedForm = { name: "OF1.1", wildcards: 8, vlan: 36, anyVlan: 1 << 1, anyPriority: 1 << 2 };

function formatFixed({ name, wildcards, vlan, anyVlan, anyPriority }: FixedForm, bytes: Uint8Array): string {
  const any = readU32BE(bytes, wildcards);
  const bit = (mask: number): number => ((any & mask) === 0 ? 0 : 1);
  const priority = (bytes[vlan + 2] ?? 0).toString(16).padStart(2, "0");
  return `${name}: ${hex16(readU16BE(bytes, vlan))}/${bit(anyVlan)},${priority}/${bit(anyPriority)}`;
}

export function checkVlan(ofctl: Ofctl, [tag = "", tagMask = ""]: readonly string[]): void {
  const print = (line: string): void => ofctl.process.print(`${line}\n`);
  const match = new Match();
  match.value[KeyWord.VLAN] = tci(tag);
  match.mask[KeyWord.VLAN] = tci(tagMask);
  const text = formatMatch(match);
  const parsed = ofctl.parse(() => parseFlow(text, "request"));
  print(`${text} -> ${formatTag(parsed.flow.match)}`);
  print(`NXM: ${throughFields(ofctl, match, 0, formatTag)}`);
  print(`OXM: ${throughFields(ofctl, match, 3, formatOxmTag)}`);
  const old = new MessageWriter();
  writeMatch10(old, match);
  const read10 = readMatch10(new MessageReader(old.bytes())).match;
  print(`${formatFixed(OF10, old.bytes())} -> ${formatTag(read10)}`);
  const fixed = new MessageWriter();
  writeMatch(fixed, match, 2);
  print(`${formatFixed(OF11, fixed.bytes())} -> ${formatTag(readMatch(new MessageReader(fixed.bytes())))}`);
}
