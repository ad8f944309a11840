// The ct action (compose_conntrack_action). It is translated as the original does, so that traces and datapath flows show it;
// the datapath of this system does not track connections yet.

import type { ConnectionTracking, Nat } from "../../../ovsproto/openflow/actions.ts";
import { formatIpv4 } from "../../../wire/ipv4-address.ts";
import { maskSubfield, readSubfield } from "../../flow/fields.ts";
import { W, word } from "../../flow/flow.ts";
import { commit } from "./commit.ts";
import type { XlateContext } from "./context.ts";
import type { Translator } from "./table.ts";

const NO_TABLE = 255;

export function connectionTracking(
  context: XlateContext,
  action: ConnectionTracking,
  translate: Translator,
  fork: (table: number) => void,
): void {
  const { flow, wildcards } = context;
  commit(context);
  const saved = [word(flow, W.CT_MARK), ...flow.subarray(W.CT_LABEL, W.CT_LABEL + 4)];
  const savedMasks = [word(wildcards, W.CT_MARK), ...wildcards.subarray(W.CT_LABEL, W.CT_LABEL + 4)];
  wildcards.fill(0, W.CT_MARK, W.CT_LABEL + 4);
  const changes = action.actions.filter(({ type }) => type !== "nat");
  if (changes.length > 0) translate(changes, context, false);
  let zone: number;
  if (typeof action.zone === "number") zone = action.zone;
  else {
    maskSubfield(wildcards, action.zone);
    zone = Number(readSubfield(flow, action.zone));
  }
  const words: string[] = [];
  if (action.commit) words.push(action.force ? "force_commit" : "commit");
  if (zone !== 0) words.push(`zone=${zone}`);
  if (word(wildcards, W.CT_MARK) !== 0) {
    words.push(`mark=0x${word(flow, W.CT_MARK).toString(16)}/0x${word(wildcards, W.CT_MARK).toString(16)}`);
  }
  const label = [0, 1, 2, 3].map((i) => word(wildcards, W.CT_LABEL + i));
  if (label.some((bits) => bits !== 0)) {
    const value = hex128([0, 1, 2, 3].map((i) => word(flow, W.CT_LABEL + i)));
    words.push(`label=0x${value}/0x${hex128(label)}`);
  }
  if (action.alg !== 0) words.push(`helper=${action.alg === 21 ? "ftp" : "tftp"}`);
  const nat = action.actions.find(({ type }) => type === "nat") as Nat | undefined;
  if (nat) words.push(formatNat(nat));
  context.actions.push({ type: "ct", text: words.length === 0 ? "ct" : `ct(${words.join(",")})` });
  flow[W.CT_MARK] = saved[0] as number;
  flow.set(saved.slice(1), W.CT_LABEL);
  wildcards[W.CT_MARK] = savedMasks[0] as number;
  wildcards.set(savedMasks.slice(1), W.CT_LABEL);
  if (action.recirculateTable === NO_TABLE) return;
  context.conntracked = true;
  fork(action.recirculateTable);
}

function hex128(words: readonly number[]): string {
  const all = words.reduce((value, each) => (value << 32n) | BigInt(each), 0n);
  return all.toString(16);
}

function formatNat({ direction, addresses, ports, persistent, protocol }: Nat): string {
  if (direction === undefined) return "nat";
  let text = `nat(${direction}`;
  if (addresses) {
    const one = (address: unknown) =>
      addresses.family === 4 ? formatIpv4(address as number) : `[${String(address)}]`;
    text += `=${one(addresses.min)}`;
    if (addresses.max !== undefined && addresses.max !== addresses.min) text += `-${one(addresses.max)}`;
    if (ports) {
      text += `:${ports.min}`;
      if (ports.max !== undefined && ports.max !== ports.min) text += `-${ports.max}`;
    }
  }
  if (persistent) text += ",persistent";
  if (protocol) text += `,${protocol}`;
  return `${text})`;
}
