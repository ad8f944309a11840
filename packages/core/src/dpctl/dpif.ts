// What the commands of ovs-dpctl(8) need of datapaths (Open vSwitch's lib/dpif.h), whoever has them: the switch daemon, which has
// its own and the kernel's (vswitch/daemon/commands/dpctl/), or a program that asks the kernel (tools/ovs-dpctl/).

import type { DpAction } from "../ovsproto/datapath/actions.ts";
import type { TrackedConnection, Tuple } from "../ovsproto/datapath/connection.ts";
import type { FlowRecord, FlowStatistics } from "../ovsproto/datapath/format-flow.ts";
import type { FragmentSettings, WaitingPacket } from "../ovsproto/datapath/fragment-settings.ts";
import type { ParsedKey } from "../ovsproto/datapath/parse-flow.ts";

/** Positive numbers of errors; 0 is success. */
export type Errno = number;

export interface DpifCounters {
  readonly hits: number;
  readonly misses: number;
  readonly lost: number;
  readonly flows: number;
  /** Undefined for a datapath that does not tell of its masks. */
  readonly masks: { readonly hits: number; readonly count: number; readonly cacheHits: number } | undefined;
}

export interface DpifPort {
  readonly number: number;
  readonly name: string;
  /** "system", "internal", "vxlan" and so on. */
  readonly type: string;
}

/** A counter that is not kept is undefined. */
export interface DpifPortCounters {
  readonly rxPackets: number;
  readonly txPackets: number;
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly rxErrors?: number;
  readonly txErrors?: number;
  readonly rxDropped?: number;
  readonly txDropped?: number;
  readonly rxOverruns?: number;
  readonly rxFrame?: number;
  readonly txAborted?: number;
  readonly txCarrier?: number;
  readonly collisions?: number;
}

export interface PortRequest {
  readonly name: string;
  readonly type: string;
  readonly options: ReadonlyMap<string, string>;
  /** Undefined: the lowest that is free. */
  readonly number: number | undefined;
}

/** Where the making of a port has failed; of settings that a device does not take only the log tells. */
export interface PortFailure {
  readonly step: "open" | "configure" | "add" | "up";
  readonly errno: Errno;
}

/** Settings that a port does not take; without a number it is no error. */
export interface SettingsRefusal {
  readonly text: string;
  readonly errno: Errno | 0;
}

/** A flow as it is shown. */
export interface DpifFlow extends FlowRecord {
  /** It has an attribute of newer kernels that the tools of this version print as bytes. */
  readonly extensionHeaders: boolean;
}

/** Flows by the thread that has made them; of the kernel all are in one group without a core. */
export interface FlowGroup {
  readonly core: number | undefined;
  readonly flows: Iterable<DpifFlow>;
}

export interface FlowPut {
  readonly parsed: ParsedKey;
  readonly ufid: string | undefined;
  readonly actions: readonly DpAction[];
  /** DPIF_FP_CREATE, DPIF_FP_MODIFY, DPIF_FP_ZERO_STATS. */
  readonly create: boolean;
  readonly modify: boolean;
  readonly zeroStatistics: boolean;
}

/** One that is not known by its ufid is known by its key. */
export type FlowName = Pick<FlowPut, "parsed" | "ufid">;

export interface ZoneLimit {
  readonly zone: number;
  readonly limit: number;
}

/** How many connections zones may have; `standard`: those without a limit of their own. 0: as many as there are. */
export interface LimitTable {
  readonly standard: number;
  readonly zones: readonly (ZoneLimit & { readonly count: number })[];
}

/** What tracks the connections of a datapath (lib/ct-dpif.h). */
export interface DpifTracker {
  /** Those of a zone, or all. */
  connections(zone: number | undefined): readonly TrackedConnection[] | Errno;
  /** Forgets those of a zone, or all. */
  flush(zone: number | undefined): Errno;
  /** Forgets the one that began with this tuple. ENOENT: there is none. */
  forget(zone: number, original: Tuple): Errno;
  /** Undefined for the kernel's, which is set up by sysctls. */
  readonly settings: TrackerSettings | undefined;
}

export interface TrackerSettings {
  /** How many connections there may be altogether. */
  maxConnections: number;
  /** Sequence numbers of TCP count. */
  checksSequences: boolean;
  readonly fragments: FragmentSettings;
  waitingPackets(): readonly WaitingPacket[];
}

/** A size that can be set. */
export interface DpifCache {
  readonly name: string;
  readonly size: number;
}

export interface Dpif {
  readonly type: string;
  readonly name: string;
  /** It is the kernel's, which shows and takes some things in another way. */
  readonly kernel: boolean;
  /** VLAN tags that its keys have room for. */
  readonly tagLimit: number;
  /** Clock that flows were used by, nanoseconds. */
  readonly now: number;

  counters(): DpifCounters;
  /** By number. */
  ports(): readonly DpifPort[];
  portNamed(name: string): DpifPort | undefined;
  /** What is said of a port behind its type: `: dst_port=1234`. */
  description(port: DpifPort): string;
  portCounters(port: DpifPort): DpifPortCounters | undefined;
  addPort(request: PortRequest): PortFailure | undefined;
  removePort(number: number): Errno;
  /** Options of a port's device, and a change of them: a text says why it cannot be. */
  settings(port: DpifPort): ReadonlyMap<string, string>;
  configure(port: DpifPort, options: ReadonlyMap<string, string>): SettingsRefusal | undefined;

  flows(): readonly FlowGroup[];
  flowNamed(ufid: string): DpifFlow | Errno;
  putFlow(put: FlowPut): FlowStatistics | Errno;
  deleteFlow(name: FlowName): FlowStatistics | Errno;
  flush(): Errno;

  readonly tracker: DpifTracker;

  /** Undefined: it has none. */
  caches(): readonly DpifCache[];
  setCache(name: string, size: number): Errno;
  /** Without zones those that have a limit of their own. */
  limits(zones: readonly number[] | undefined): LimitTable | Errno;
  setLimits(standard: number | undefined, zones: readonly ZoneLimit[]): Errno;
  deleteLimits(zones: readonly number[]): Errno;
  destroy(): Errno;
}

/** All datapaths that whoever asks can see. */
export interface Dpifs<D extends Dpif = Dpif> {
  /** In the order in which the original walks them: types by name, and a set of names each. */
  all(): readonly D[];
  /** Why the last walk may have missed some. */
  readonly walkError: Errno;
  open(type: string, name: string): D | Errno;
  create(type: string, name: string): D | Errno;
  /** Whether flows can be asked for by type: a program by itself does not know what was offloaded. */
  readonly tellsTypes: boolean;
  /** A file named on the command line; undefined if there is none. */
  readFile(name: string): Uint8Array | undefined;
}
