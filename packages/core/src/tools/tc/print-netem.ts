// What tc(8) prints of netem's settings (iproute2's q_netem.c).

import { decodeNetem } from "../../netlink/rtnl/qdisc-netem.ts";
import type { Chance } from "../../netlink/rtnl/qdisc-netem.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { general } from "../ip/numbers.ts";
import type { Session } from "../ip/session.ts";
import { rateText, timeText } from "./sizes.ts";

const TICKS_OF_MICROSECOND = 15.625;
const ALL = 0xffff_ffff;

const part = (value: number): number => Number(general(value / ALL));
const percent = (value: number): string => `${general((value / ALL) * 100)}%`;
const microseconds = (ticks: number): number => Math.floor(ticks / TICKS_OF_MICROSECOND);

export function printNetem(out: Session["out"], bytes: Uint8Array): void {
  const found = decodeNetem(bytes);
  if (isMalformed(found)) return;
  const { limit, latency, jitter, correlation, rate, gap } = found;
  const chance = (object: string, name: string, { probability, correlation: follows }: Chance): void => {
    if (probability === 0) return;
    out.openObject(object);
    out.fact(name, part(probability), ` ${name} ${percent(probability)}`);
    out.fact("correlation", part(follows), follows === 0 ? "" : ` ${percent(follows)}`);
    out.closeObject();
  };
  out.fact("limit", limit, `limit ${limit}`);
  if (latency !== 0) {
    const [delay, spread] = [microseconds(latency), microseconds(jitter)];
    const follows = correlation?.delay ?? 0;
    out.openObject("delay");
    out.fact("delay", delay / 1e6, ` delay ${timeText(delay)}`);
    out.fact("jitter", spread / 1e6, jitter === 0 ? "" : `  ${timeText(spread)}`);
    out.fact("correlation", part(follows), jitter === 0 || follows === 0 ? "" : ` ${percent(follows)}`);
    out.closeObject();
  }
  chance("loss-random", "loss", { probability: found.loss, correlation: correlation?.loss ?? 0 });
  const duplicates = { probability: found.duplicate, correlation: correlation?.duplicate ?? 0 };
  chance("duplicate", "duplicate", duplicates);
  if (found.reorder) chance("reorder", "reorder", found.reorder);
  if (found.corrupt) chance("corrupt", "corrupt", found.corrupt);
  if (rate && rate.rate !== 0) {
    const { packetOverhead, cellSize, cellOverhead } = rate;
    const speed = found.rate64 ?? rate.rate;
    out.openObject("rate");
    out.fact("rate", speed, ` rate ${rateText(speed)}`);
    out.fact("packetoverhead", packetOverhead, packetOverhead ? ` packetoverhead ${packetOverhead}` : "");
    out.fact("cellsize", cellSize, cellSize ? ` cellsize ${cellSize}` : "");
    out.fact("celloverhead", cellOverhead, cellOverhead ? ` celloverhead ${cellOverhead}` : "");
    out.closeObject();
  }
  out.fact("ecn", false, "");
  out.fact("gap", gap, gap === 0 ? "" : ` gap ${gap}`);
}
