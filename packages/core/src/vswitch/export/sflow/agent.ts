// The sFlow agent of one bridge (Open vSwitch's lib/sflow_agent.c and its kin): collects samples into datagrams, asks for counters
// every so many seconds, and sends once a second what there is.

import { MessageWriter } from "../../../ovsproto/openflow/message-bytes.ts";
import { encodeSample } from "./samples.ts";
import type { Sample } from "./samples.ts";

const VERSION = 5;
/** Bytes (SFL_DEFAULT_DATAGRAM_SIZE). */
const MAX_DATAGRAM = 1400;
const IPV4_TYPE = 1;
const IPV6_TYPE = 2;

/** Counters that are asked for at intervals. */
export interface Poller {
  /** Source of its samples: class and index. */
  readonly source: number;
  /** Undefined: there is nothing to tell. */
  sample(sequence: number): Sample | undefined;
}

interface RunningPoller extends Poller {
  /** Seconds. */
  countdown: number;
  sequence: number;
}

export interface AgentOptions {
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  readonly subId: number;
  /** Seconds; 0: counters are not told. */
  readonly pollingInterval: number;
}

export class SflowAgent {
  readonly #options: AgentOptions;
  readonly #send: (datagram: Uint8Array) => void;
  readonly #error: (text: string) => void;
  readonly #random32: () => number;
  /** Seconds since the epoch. */
  readonly #bootTime: number;
  #now: number;
  #sequence = 0;
  #samples: Uint8Array[] = [];
  #length = 0;
  #pollers: RunningPoller[] = [];

  constructor(
    options: AgentOptions,
    now: number,
    effects: {
      readonly send: (datagram: Uint8Array) => void;
      readonly error: (text: string) => void;
      readonly random32: () => number;
    },
  ) {
    this.#options = options;
    this.#bootTime = now;
    this.#now = now;
    this.#send = effects.send;
    this.#error = effects.error;
    this.#random32 = effects.random32;
  }

  /** The first time comes after a part of the interval, so that not all of a switch are asked at once. */
  addPoller(poller: Poller): void {
    const { pollingInterval } = this.#options;
    const countdown = pollingInterval === 0 ? 0 : 1 + (this.#random32() % pollingInterval);
    const { source } = poller;
    this.#pollers.push({ source, sample: (sequence) => poller.sample(sequence), countdown, sequence: 0 });
    this.#pollers.sort((a, b) => b.source - a.source);
  }

  removePoller(source: number): void {
    this.#pollers = this.#pollers.filter((poller) => poller.source !== source);
  }

  get #headerLength(): number {
    return 24 + this.#options.address.length;
  }

  /** sfl_receiver_writeFlowSample() */
  add(sample: Sample): void {
    const bytes = encodeSample(sample);
    if (bytes.length > MAX_DATAGRAM / 2) {
      this.#error("flow sample too big for datagram");
      this.#samples = [];
      this.#length = 0;
      return;
    }
    if (this.#headerLength + this.#length + bytes.length >= MAX_DATAGRAM) this.#flush();
    this.#samples.push(bytes);
    this.#length += bytes.length;
  }

  /** sfl_agent_tick(), once a second. `now`: seconds since the epoch. */
  tick(now: number): void {
    this.#now = now;
    for (const poller of this.#pollers) {
      if (poller.countdown === 0 || --poller.countdown > 0) continue;
      poller.countdown = this.#options.pollingInterval;
      const sample = poller.sample(poller.sequence + 1);
      if (!sample) continue;
      poller.sequence++;
      this.add(sample);
    }
    if (this.#samples.length > 0) this.#flush();
  }

  #flush(): void {
    const { address, subId } = this.#options;
    const out = new MessageWriter()
      .u32(VERSION)
      .u32(address.length === 4 ? IPV4_TYPE : IPV6_TYPE)
      .put(address)
      .u32(subId)
      .u32(++this.#sequence)
      .u32((this.#now - this.#bootTime) * 1000)
      .u32(this.#samples.length);
    for (const sample of this.#samples) out.put(sample);
    this.#samples = [];
    this.#length = 0;
    this.#send(out.bytes());
  }
}
