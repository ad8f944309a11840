// An IPFIX exporter (RFC 7011): a cache of records, which are sent when they have been there for long enough, when the cache is
// full, or when the exporter ends (struct dpif_ipfix_exporter of Open vSwitch).

import { MessageWriter } from "../../../ovsproto/openflow/message-bytes.ts";
import type { IpfixStats } from "../../../ovsproto/openflow/ipfix.ts";
import type { Timer } from "../../../system/system.ts";
import { Collectors, sameTargets } from "../collectors.ts";
import type { ExportHost } from "../collectors.ts";
import { aggregate, ExporterTotals, newRecord, writeRecord } from "./record.ts";
import type { IpfixRecord, SampledPacket } from "./record.ts";
import { recordKinds, STATISTICS_TEMPLATE, writeStatisticsTemplate, writeTemplate } from "./templates.ts";

const VERSION = 10;
const DEFAULT_PORT = 4739;
const TEMPLATE_SET = 2;
const OPTIONS_TEMPLATE_SET = 3;
/** After a message of templates has got so long it is sent, bytes. */
const FULL_MESSAGE = 1024;
/** Seconds, RFC 5101, section 10.3.6. */
const TEMPLATE_INTERVAL = 600;
const MAX_VIRTUAL_ID = 254;

const END_REASON = { ACTIVE_TIMEOUT: 2, FORCED: 4, LACK_OF_RESOURCES: 5 } as const;

export interface ExporterOptions {
  readonly targets: readonly string[];
  /** Seconds. */
  readonly cacheActiveTimeout: number;
  readonly cacheMaxFlows: number;
  readonly tunnelSampling: boolean;
  readonly virtualId: string | undefined;
}

export class IpfixExporter {
  readonly #host: ExportHost;
  readonly #id: number;
  #options: ExporterOptions | undefined;
  #collectors: Collectors | undefined;
  #sequence = 1;
  /** Seconds since the epoch. */
  #templatesSent = 0;
  readonly #cache = new Map<string, IpfixRecord>();
  #totals = new ExporterTotals();
  readonly #counters: { -readonly [name in keyof IpfixStats["counters"]]: bigint } = {
    flows: 0n,
    currentFlows: 0n,
    packets: 0n,
    ipv4: 0n,
    ipv6: 0n,
    errors: 0n,
    ipv4Errors: 0n,
    ipv6Errors: 0n,
    sent: 0n,
    sendErrors: 0n,
  };
  #timer: Timer | undefined;

  /** `id`: of the exporting process. */
  constructor(host: ExportHost, id: number) {
    this.#host = host;
    this.#id = id;
  }

  get options(): ExporterOptions | undefined {
    return this.#options;
  }

  get counters(): IpfixStats["counters"] {
    return this.#counters;
  }

  /** False if it does not work. */
  configure(options: ExporterOptions): boolean {
    const changed = this.#options === undefined || !sameOptions(this.#options, options);
    if (changed || (this.#collectors?.count ?? 0) < options.targets.length) {
      this.#collectors?.close();
      this.#collectors = new Collectors(this.#host, options.targets, DEFAULT_PORT);
      if (this.#collectors.count === 0) {
        this.#warn("no collectors could be initialized, IPFIX exporter disabled");
        this.clear();
        return false;
      }
      if (this.#virtualIdOf(options).length > MAX_VIRTUAL_ID) {
        this.#warn("Virtual obsevation ID too long (0 bytes), should not be longer than 254 bytes.");
        this.clear();
        return false;
      }
    }
    if (!changed) return true;
    this.#options = options;
    this.#expire(false);
    return true;
  }

  #virtualIdOf({ virtualId }: ExporterOptions): Uint8Array {
    return new TextEncoder().encode(virtualId ?? "");
  }

  #warn(text: string): void {
    this.#host.vlog.limited("ipfix", "ipfix", "warn", text);
  }

  /** dpif_ipfix_sample() */
  sample(packet: SampledPacket): void {
    if (!this.#options) return;
    const record = newRecord(packet, Math.floor(this.#host.realtime() / 1000) * 1000, this.#totals);
    const name = `${record.key.domain}:${record.key.template}:${record.key.bytes.join()}`;
    const known = this.#cache.get(name);
    if (known) aggregate(known, record);
    else {
      this.#cache.set(name, record);
      this.#counters.flows++;
      this.#counters.currentFlows = BigInt(this.#cache.size);
    }
    this.#count(record);
    if (this.#cache.size > this.#options.cacheMaxFlows) this.#expire(false);
    this.#schedule();
  }

  /** ipfix_update_stats() */
  #count({ kind: { network, transport } }: IpfixRecord): void {
    const counters = this.#counters;
    counters.packets++;
    if (network === "other") return;
    if (transport !== "other") counters[network]++;
    else {
      counters[`${network}Errors`]++;
      counters.errors++;
    }
  }

  /** dpif_ipfix_cache_expire() */
  #expire(forced: boolean): void {
    if (this.#cache.size === 0 || !this.#options) return;
    const { cacheActiveTimeout, cacheMaxFlows } = this.#options;
    const now = Math.floor(this.#host.realtime() / 1000) * 1000;
    const exportTime = Math.ceil(now / 1e6);
    for (const [name, record] of this.#cache) {
      const old = record.start <= now - 1e6 * cacheActiveTimeout;
      const reason = forced
        ? END_REASON.FORCED
        : old
          ? END_REASON.ACTIVE_TIMEOUT
          : this.#cache.size > cacheMaxFlows
            ? END_REASON.LACK_OF_RESOURCES
            : undefined;
      if (reason === undefined) break;
      this.#cache.delete(name);
      if (this.#templatesSent + TEMPLATE_INTERVAL <= exportTime) {
        this.#sendTemplates(exportTime, record.key.domain);
        this.#templatesSent = exportTime;
        this.#sendStatistics(exportTime);
      }
      this.#sendRecord(exportTime, record, reason);
    }
  }

  #message(exportTime: number, sequence: number, domain: number): MessageWriter {
    return new MessageWriter().u16(VERSION).u16(0).u32(exportTime).u32(sequence).u32(domain);
  }

  #send(message: MessageWriter): void {
    message.patchU16(2, message.length);
    const errors = this.#collectors?.send(message.bytes()) ?? 0;
    this.#counters.sendErrors += BigInt(errors);
    this.#counters.sent += BigInt((this.#collectors?.count ?? 0) - errors);
  }

  #sendTemplates(exportTime: number, domain: number): void {
    const begin = (set: number, where: number) =>
      this.#message(exportTime, this.#sequence, where).u16(set).u16(0);
    const end = (message: MessageWriter) => this.#send(message.patchU16(18, message.length - 16));
    let message = begin(TEMPLATE_SET, domain);
    for (const kind of recordKinds()) {
      if (message.length >= FULL_MESSAGE) {
        end(message);
        message = begin(TEMPLATE_SET, domain);
      }
      writeTemplate(message, kind, this.#options?.virtualId !== undefined);
    }
    end(message);
    const options = begin(OPTIONS_TEMPLATE_SET, 0);
    writeStatisticsTemplate(options);
    end(options);
  }

  #sendStatistics(exportTime: number): void {
    const message = this.#message(exportTime, this.#sequence++, 0);
    message.u16(STATISTICS_TEMPLATE).u16(16).u32(this.#id).u64(this.#counters.sendErrors);
    this.#send(message);
  }

  #sendRecord(exportTime: number, record: IpfixRecord, reason: number): void {
    const message = this.#message(exportTime, this.#sequence++, record.key.domain);
    const { virtualId } = this.#options ?? {};
    const id = virtualId === undefined ? undefined : new TextEncoder().encode(virtualId);
    writeRecord(message, record, exportTime, reason, id);
    this.#send(message);
    this.#counters.currentFlows = BigInt.asUintN(64, this.#counters.currentFlows - 1n);
  }

  /** dpif_ipfix_wait(): the oldest record is the first to go. */
  #schedule(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const [oldest] = this.#cache.values();
    if (!oldest || !this.#options) return;
    const delay = oldest.start + this.#options.cacheActiveTimeout * 1e6 - this.#host.realtime();
    this.#timer = this.#host.after(Math.max(0, delay) * 1000, () => {
      this.#expire(false);
      this.#schedule();
    });
  }

  /** dpif_ipfix_exporter_clear(): what is in the cache is sent. */
  clear(): void {
    this.#expire(true);
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#collectors?.close();
    this.#collectors = undefined;
    this.#options = undefined;
    this.#sequence = 1;
    this.#templatesSent = 0;
    this.#totals = new ExporterTotals();
  }
}

function sameOptions(a: ExporterOptions, b: ExporterOptions): boolean {
  return (
    sameTargets(a.targets, b.targets) &&
    a.cacheActiveTimeout === b.cacheActiveTimeout &&
    a.cacheMaxFlows === b.cacheMaxFlows &&
    a.tunnelSampling === b.tunnelSampling &&
    a.virtualId === b.virtualId
  );
}
